use haat_domain::shared::Probe;

/// A probe that says no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeFailure {
    /// What was probed.
    pub name: &'static str,
    /// What is wrong, for the log.
    pub reason: String,
}

/// Whether this server should get traffic.
pub struct CheckReadiness {
    probes: Vec<Box<dyn Probe>>,
}

impl CheckReadiness {
    /// Builds the use case.
    #[must_use]
    pub fn new(probes: Vec<Box<dyn Probe>>) -> Self {
        Self { probes }
    }

    /// Asks every probe, and tells of those that said no.
    pub async fn execute(&self) -> Vec<ProbeFailure> {
        let mut failures = Vec::new();
        for probe in &self.probes {
            if let Err(reason) = probe.check().await {
                failures.push(ProbeFailure { name: probe.name(), reason });
            }
        }
        failures
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::shared::MockProbe;

    use super::*;

    fn probe(name: &'static str, answer: Result<(), String>) -> Box<dyn Probe> {
        let mut probe = MockProbe::new();
        probe.expect_name().return_const(name);
        probe.expect_check().returning(move || answer.clone());
        Box::new(probe)
    }

    #[tokio::test]
    async fn only_those_that_say_no_are_told() {
        assert_eq!(CheckReadiness::new(vec![]).execute().await, []);
        let probes = vec![probe("a", Ok(())), probe("b", Err("away".into())), probe("c", Ok(()))];
        let failures = CheckReadiness::new(probes).execute().await;
        assert_eq!(failures, [ProbeFailure { name: "b", reason: "away".into() }]);
    }
}

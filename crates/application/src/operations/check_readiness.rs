use haat_domain::shared::Probe;

/// A failed probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeFailure {
    /// The name of the probe.
    pub name: &'static str,
    /// The reason, for the log.
    pub reason: String,
}

/// Checks that this server is ready for traffic.
pub struct CheckReadiness {
    probes: Vec<Box<dyn Probe>>,
}

impl CheckReadiness {
    /// Builds the use case.
    #[must_use]
    pub fn new(probes: Vec<Box<dyn Probe>>) -> Self {
        Self { probes }
    }

    /// Runs every probe and returns the failures.
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

    fn probe(name: &'static str, result: Result<(), String>) -> Box<dyn Probe> {
        let mut probe = MockProbe::new();
        probe.expect_name().return_const(name);
        probe.expect_check().returning(move || result.clone());
        Box::new(probe)
    }

    #[tokio::test]
    async fn returns_only_failed_probes() {
        assert_eq!(CheckReadiness::new(vec![]).execute().await, []);
        let probes = vec![probe("a", Ok(())), probe("b", Err("down".into())), probe("c", Ok(()))];
        let failures = CheckReadiness::new(probes).execute().await;
        assert_eq!(failures, [ProbeFailure { name: "b", reason: "down".into() }]);
    }
}

use haat_domain::assignment::IfAssigned;
use haat_domain::job::JobFacts;

/// How a file of assignments is to be carried out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileOptions {
    /// The file's name in the store.
    pub file: String,
    /// What becomes of shops that somebody serves.
    pub if_assigned: IfAssigned,
    /// Whether a representative may be given more shops than they can serve.
    pub force: bool,
    /// Why.
    pub reason: Option<String>,
    /// Whether to keep it as a plan.
    pub plan: bool,
    /// Whether to tell what would happen and do nothing.
    pub validate_only: bool,
    /// The request, for the audit log.
    pub request_id: String,
}

impl FileOptions {
    /// As a job keeps them.
    pub(super) fn facts(&self) -> JobFacts {
        let flag = |flag: bool| if flag { "yes" } else { "no" }.to_owned();
        let mut facts: JobFacts = [
            ("file", self.file.clone()),
            ("ifAssigned", self.if_assigned.as_str().to_owned()),
            ("force", flag(self.force)),
            ("plan", flag(self.plan)),
            ("validateOnly", flag(self.validate_only)),
            ("requestId", self.request_id.clone()),
        ]
        .map(|(name, text)| (name.to_owned(), text))
        .into();
        if let Some(reason) = &self.reason {
            facts.insert("reason".to_owned(), reason.clone());
        }
        facts
    }

    /// From what a job keeps; `None` for a job of another version that kept something else.
    #[must_use]
    pub fn of(facts: &JobFacts) -> Option<Self> {
        let flag = |name| facts.get(name).map(|text| text == "yes");
        Some(Self {
            file: facts.get("file")?.clone(),
            if_assigned: IfAssigned::from_name(facts.get("ifAssigned")?)?,
            force: flag("force")?,
            reason: facts.get("reason").cloned(),
            plan: flag("plan")?,
            validate_only: flag("validateOnly")?,
            request_id: facts.get("requestId")?.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_come_back_as_they_went() {
        let plain = FileOptions { file: "f".into(), request_id: "r".into(), ..FileOptions::default() };
        let all = FileOptions {
            if_assigned: IfAssigned::Move,
            force: true,
            reason: Some("why".into()),
            plan: true,
            validate_only: true,
            ..plain.clone()
        };
        for options in [plain, all] {
            assert_eq!(FileOptions::of(&options.facts()), Some(options));
        }
        assert_eq!(FileOptions::of(&JobFacts::new()), None);
    }
}

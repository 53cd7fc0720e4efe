use haat_domain::assignment::{BatchKind, IfAssigned};
use haat_domain::job::JobArgs;

use crate::job::FILE;

/// Options of an assignment file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileOptions {
    /// The file's name in the store.
    pub file: String,
    /// The name that the client gave the file, if any.
    pub file_name: Option<String>,
    /// The action: assign, unassign or transfer.
    pub action: BatchKind,
    /// The handling of retailers that another sales rep serves already.
    pub if_assigned: IfAssigned,
    /// Allows sales reps to exceed their capacity.
    pub force: bool,
    /// The reason for the change.
    pub reason: Option<String>,
    /// Saves the changes as a plan.
    pub plan: bool,
    /// Validates and returns the result without saving.
    pub validate_only: bool,
    /// The request id, for the audit log.
    pub request_id: String,
}

impl FileOptions {
    /// Returns the handling of retailers that another sales rep serves already, for this action.
    pub(super) const fn if_assigned(&self) -> IfAssigned {
        match self.action {
            BatchKind::Transfer => IfAssigned::Move,
            BatchKind::Unassign => IfAssigned::Share,
            BatchKind::Assign | BatchKind::Undo => self.if_assigned,
        }
    }

    /// Returns the options as arguments of a job.
    #[must_use]
    pub fn args(&self) -> JobArgs {
        let flag = |flag: bool| if flag { "yes" } else { "no" }.to_owned();
        let mut args: JobArgs = [
            (FILE, self.file.clone()),
            ("action", self.action.as_str().to_owned()),
            ("ifAssigned", self.if_assigned.as_str().to_owned()),
            ("force", flag(self.force)),
            ("plan", flag(self.plan)),
            ("validateOnly", flag(self.validate_only)),
            ("requestId", self.request_id.clone()),
        ]
        .map(|(name, text)| (name.to_owned(), text))
        .into();
        let optional = [("reason", &self.reason), ("fileName", &self.file_name)];
        args.extend(optional.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text.clone()?))));
        args
    }

    /// Parses the arguments of a job; returns `None` for those of a version with other options.
    #[must_use]
    pub fn of(args: &JobArgs) -> Option<Self> {
        let flag = |name| args.get(name).map(|text| text == "yes");
        Some(Self {
            file: args.get(FILE)?.clone(),
            file_name: args.get("fileName").cloned(),
            // Earlier versions only assigned by file.
            action: args.get("action").map_or(Some(BatchKind::Assign), |name| BatchKind::from_name(name))?,
            if_assigned: IfAssigned::from_name(args.get("ifAssigned")?)?,
            force: flag("force")?,
            reason: args.get("reason").cloned(),
            plan: flag("plan")?,
            validate_only: flag("validateOnly")?,
            request_id: args.get("requestId")?.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_survive_the_round_trip_through_facts() {
        let plain = FileOptions {
            file: "f".into(),
            file_name: None,
            action: BatchKind::Assign,
            if_assigned: IfAssigned::Share,
            force: false,
            reason: None,
            plan: false,
            validate_only: false,
            request_id: "r".into(),
        };
        let all = FileOptions {
            file_name: Some("a.csv".into()),
            action: BatchKind::Transfer,
            if_assigned: IfAssigned::Move,
            force: true,
            reason: Some("why".into()),
            plan: true,
            validate_only: true,
            ..plain.clone()
        };
        for options in [plain.clone(), all] {
            assert_eq!(FileOptions::of(&options.args()), Some(options));
        }
        let mut earlier = plain.args();
        earlier.remove("action");
        assert_eq!(FileOptions::of(&earlier), Some(plain), "jobs of earlier versions assign");
        assert_eq!(FileOptions::of(&JobArgs::new()), None);
    }
}

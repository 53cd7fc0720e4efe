//! Changes by file: assignments of one sales rep per row or of all of a retailer, unassignments, and transfers.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use haat_application::assignment::{AssignFile, FileOptions, submit_assignments};
use haat_application::job::{JobHandlers, RunJobs, SubmitFile};
use haat_application::shared::{Changes, WriteOptions};
use haat_domain::assignment::{AssignmentTx, BatchKind, IfAssigned};
use haat_domain::change::StoredResponse;
use haat_domain::job::{Job, JobReader, JobState, Lane};
use haat_domain::shared::{
    BatchId, Clock, FileReader, FileStore, FileWriter, IdGenerator, JobId, StorageFailure,
};
use haat_persistence_adapter::{PgAssignmentStager, PgDatabase};
use haat_test_support::TestDatabase;

use super::{ManualClock, Model, Pair, REPS, RETAILERS, Steps, World};

/// Submits files, and runs their jobs.
pub(super) struct Files {
    submit: SubmitFile<dyn AssignmentTx>,
    jobs: RunJobs,
}

impl Files {
    pub(super) fn new(database: &TestDatabase, db: &Arc<PgDatabase>, clock: &Arc<ManualClock>) -> Self {
        let files = Arc::new(MemoryFiles::default());
        let queue = Arc::new(db.core());
        let handler = AssignFile::new(
            (queue.clone(), queue.clone()),
            files.clone(),
            Arc::new(PgAssignmentStager::new(database.app_config())),
            db.clone(),
            db.clone(),
            clock.clone(),
        );
        let handlers: JobHandlers = vec![Arc::new(handler)];
        Self {
            submit: submit_assignments(
                files,
                Arc::new(Ids::default()),
                Changes::new(db.clone(), clock.clone()),
            ),
            jobs: RunJobs::new(queue, handlers, Duration::from_mins(1)),
        }
    }
}

#[derive(Default)]
struct Ids(AtomicU64);

impl IdGenerator for Ids {
    fn next(&self) -> uuid::Uuid {
        uuid::Uuid::from_u128(self.0.fetch_add(1, Ordering::SeqCst).into())
    }
}

/// Files in memory.
#[derive(Clone, Default)]
struct MemoryFiles(Arc<Mutex<HashMap<String, Vec<u8>>>>);

struct MemoryFile(MemoryFiles, String, Vec<u8>);

#[async_trait]
impl FileStore for MemoryFiles {
    async fn create(&self, name: &str) -> Result<Box<dyn FileWriter>, StorageFailure> {
        Ok(Box::new(MemoryFile(self.clone(), name.to_owned(), Vec::new())))
    }

    async fn open(&self, name: &str) -> Result<Option<Box<dyn FileReader>>, StorageFailure> {
        let found = self.0.lock().unwrap().get(name).cloned();
        Ok(found.map(|content| Box::new(MemoryFile(self.clone(), String::new(), content)) as _))
    }

    async fn remove(&self, name: &str) -> Result<(), StorageFailure> {
        self.0.lock().unwrap().remove(name);
        Ok(())
    }
}

#[async_trait]
impl FileWriter for MemoryFile {
    async fn write(&mut self, piece: &[u8]) -> Result<(), StorageFailure> {
        self.2.extend_from_slice(piece);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), StorageFailure> {
        self.0.0.lock().unwrap().insert(self.1, self.2);
        Ok(())
    }

    async fn abandon(self: Box<Self>) {}
}

#[async_trait]
impl FileReader for MemoryFile {
    async fn read(&mut self) -> Result<Option<Vec<u8>>, StorageFailure> {
        let content = std::mem::take(&mut self.2);
        Ok((!content.is_empty()).then_some(content))
    }
}

/// A row of a file: a retailer, the sales rep it is transferred from, and sales reps.
#[derive(Debug, Clone)]
struct Row {
    retailer: usize,
    from: Option<usize>,
    reps: BTreeSet<usize>,
}

/// Returns the retailers that a file transfers from or to several sales reps.
fn several_transfers(rows: &[Row]) -> BTreeSet<usize> {
    let mut pairs: HashMap<usize, BTreeSet<(usize, usize)>> = HashMap::new();
    for row in rows {
        if let (Some(from), Some(to)) = (row.from, row.reps.first()) {
            pairs.entry(row.retailer).or_default().insert((from, *to));
        }
    }
    pairs.into_iter().filter(|(_, pairs)| pairs.len() > 1).map(|(retailer, _)| retailer).collect()
}

impl Model {
    /// Returns the steps of the rows.
    fn by_file(&self, rows: &[Row], action: BatchKind, if_assigned: IfAssigned, force: bool) -> Steps {
        let known = || rows.iter().filter(|row| !self.deleted.contains(&row.retailer));
        let pairs = |row: &Row| row.reps.iter().map(|rep| (row.retailer, *rep)).collect::<Vec<_>>();
        if action == BatchKind::Unassign {
            return self.unassign(&known().flat_map(pairs).collect());
        }
        let several = several_transfers(rows);
        let mut refused = self.disabled.clone();
        loop {
            let steps = if action == BatchKind::Transfer {
                self.transfer_without(known().filter(|row| !several.contains(&row.retailer)), &refused)
            } else {
                let requested = known().flat_map(pairs).collect();
                let mut steps = self.assign_without(&requested, if_assigned, None, &refused);
                if if_assigned == IfAssigned::Move {
                    for row in known().filter(|row| row.reps.is_empty()) {
                        let serving = self.serving(row.retailer).into_iter();
                        steps.ends.extend(serving.map(|rep| (row.retailer, rep)));
                    }
                }
                steps
            };
            let over_capacity = self.over_capacity(&steps);
            if force || over_capacity.is_empty() {
                return steps;
            }
            refused.extend(over_capacity);
        }
    }

    /// Returns the steps of transfers if the refused sales reps get no new retailers.
    fn transfer_without<'a>(&self, rows: impl Iterator<Item = &'a Row>, refused: &BTreeSet<usize>) -> Steps {
        let mut steps = Steps::default();
        for row in rows {
            let (serving, retailer) = (self.serving(row.retailer), row.retailer);
            let (from, to) = (row.from.unwrap(), *row.reps.first().unwrap());
            if serving.contains(&to) {
                steps.keeps.insert((retailer, to));
            } else if !serving.contains(&from) || refused.contains(&to) {
                continue;
            } else {
                steps.starts.insert((retailer, to));
            }
            if serving.contains(&from) && from != to {
                steps.ends.insert((retailer, from));
            }
        }
        steps
    }
}

impl World {
    /// Sends a random file.
    pub(super) async fn send_file(&mut self) -> String {
        let action = [BatchKind::Assign, BatchKind::Assign, BatchKind::Unassign, BatchKind::Transfer]
            [self.dice.roll(4)];
        let if_assigned = [IfAssigned::Share, IfAssigned::Skip, IfAssigned::Move][self.dice.roll(3)];
        let if_assigned = if action == BatchKind::Assign { if_assigned } else { IfAssigned::Share };
        let force = action != BatchKind::Unassign && self.dice.one_in(3);
        let sets = action == BatchKind::Assign && self.dice.one_in(2);
        // If several sales reps would get a retailer, the capacity check counts it for only one of them.
        let several = force || if_assigned != IfAssigned::Move || action == BatchKind::Unassign;
        let mut rows = Vec::new();
        for retailer in super::some(&mut self.dice, RETAILERS, 8) {
            let reps = match (sets, several) {
                (true, _) if self.dice.one_in(4) => BTreeSet::new(),
                (true, true) => super::some(&mut self.dice, REPS, 3),
                _ => [self.dice.roll(REPS)].into(),
            };
            let serving: Vec<usize> = self.model.serving(retailer).into_iter().collect();
            let from = match serving.as_slice() {
                [] => self.dice.roll(REPS),
                serving if self.dice.one_in(6) => serving[0],
                serving => serving[self.dice.roll(serving.len())],
            };
            let from = (action == BatchKind::Transfer).then_some(from);
            rows.push(Row { retailer, from, reps });
        }
        if several && !sets {
            let again = rows.clone();
            rows.extend(again.into_iter().filter(|_| self.dice.one_in(3)).map(|row| {
                let reps = [(row.reps.first().unwrap() + row.retailer % 2) % REPS].into();
                Row { reps, ..row }
            }));
        }
        let steps = self.model.by_file(&rows, action, if_assigned, force);
        let (plan, validate_only) = (self.dice.one_in(4), self.dice.one_in(12));
        let file = self.written(&rows, sets);
        let options = FileOptions {
            file: String::new(),
            file_name: None,
            action,
            if_assigned,
            force,
            reason: Some("why".to_owned()),
            plan,
            validate_only,
            request_id: "r".to_owned(),
        };
        let description = format!("{options:?} at {}:\n{file}", self.clock.now());
        let job = self.run_file(&file, options).await;
        let numbers = |name: &str| job.result[name];
        let counts = ["assigned", "alreadyAssigned", "moved", "unassigned", "skipped"].map(numbers);
        assert_eq!((job.state, counts), (JobState::Succeeded, steps.counts()), "{description}");
        assert_eq!(numbers("rows"), i64::try_from(rows.len()).unwrap(), "{description}");
        assert_eq!(numbers("failed"), self.failed(&rows, action, &steps), "{description}");
        match job.result.get("batchId").map(|id| BatchId::new(*id)) {
            None => {
                let refused = numbers("failed") == numbers("rows");
                let saves_nothing = steps.changes_nothing() && (!plan || refused);
                assert!(validate_only || saves_nothing, "{description}");
            }
            Some(batch) => {
                assert!(!validate_only, "{description}");
                let reason = action.end_reason();
                if plan {
                    let requested = self.seen(&rows, action, &steps);
                    self.model.plan(batch, &requested, steps, reason);
                } else {
                    self.model.apply(&steps, self.clock.now(), batch, reason);
                }
            }
        }
        self.done[6] += 1;
        description
    }

    /// Returns the number of rows that are not applied.
    fn failed(&self, rows: &[Row], action: BatchKind, steps: &Steps) -> i64 {
        let done = |pair: &Pair| {
            action == BatchKind::Unassign
                || steps.starts.contains(pair)
                || steps.keeps.contains(pair)
                || steps.skips.contains(pair)
        };
        let failed = rows.iter().filter(|row| {
            self.model.deleted.contains(&row.retailer)
                || !row.reps.iter().all(|rep| done(&(row.retailer, *rep)))
        });
        i64::try_from(failed.count()).unwrap()
    }

    /// Returns pairs of all retailers that a plan of the file depends on: not those of transfers from sales reps who do not
    /// serve the retailer, and not those that no sales rep serves and none is to serve.
    fn seen(&self, rows: &[Row], action: BatchKind, steps: &Steps) -> BTreeSet<Pair> {
        let pair = |row: &Row| (row.retailer, row.reps.first().copied().unwrap_or_default());
        let several = several_transfers(rows);
        let has_steps = |row: &&Row| {
            if several.contains(&row.retailer) {
                return false;
            }
            let ends = steps.ends.iter().any(|pair| pair.0 == row.retailer);
            match row.from {
                Some(from) => {
                    let serving = self.model.serving(row.retailer);
                    ends || serving.contains(&from) || row.reps.iter().any(|rep| serving.contains(rep))
                }
                None => {
                    ends || (action == BatchKind::Assign && !row.reps.is_empty())
                        || action == BatchKind::Unassign
                }
            }
        };
        rows.iter().filter(has_steps).map(pair).collect()
    }

    /// Writes the rows as CSV, with sales reps by id or by username.
    fn written(&mut self, rows: &[Row], sets: bool) -> String {
        let from = rows.iter().any(|row| row.from.is_some());
        let header = if from {
            "uid,from,to"
        } else if sets {
            "uid,sales_reps"
        } else {
            "uid,sales_rep"
        };
        let mut lines = vec![header.to_owned()];
        for row in rows {
            let mut name = |rep: usize| {
                let (id, name) = self.reps[rep].clone();
                if self.dice.one_in(2) { id.to_string() } else { name.to_uppercase() }
            };
            let reps: Vec<String> = row.reps.iter().map(|rep| name(*rep)).collect();
            let from = row.from.map(|from| format!("{},", name(from))).unwrap_or_default();
            lines.push(format!("{},{from}{}", self.uid(row.retailer), reps.join(";")));
        }
        lines.join("\n")
    }

    /// Runs the job of a file, and returns it.
    async fn run_file(&self, file: &str, options: FileOptions) -> Job {
        let Files { submit, jobs } = &self.files;
        let mut upload = submit.begin(&self.allowed).await.unwrap();
        upload.write(file.as_bytes()).await.unwrap();
        let mut id = None;
        let args = |file| FileOptions { file, ..options }.args();
        let render = |job: &JobId| {
            id = Some(*job);
            Ok(StoredResponse { status: 202, location: None, etag: None, body: Vec::new(), replayed: false })
        };
        submit.execute(&self.allowed, upload, args, &WriteOptions::default(), render).await.unwrap();
        // Small files are in this lane.
        let attempt = jobs.claim(Lane::Standard).await.unwrap().unwrap().attempt;
        let result = jobs.run(&attempt).await;
        jobs.settle(&attempt, result).await.unwrap();
        let found = self.db.core().find(self.actor.tenant, id.unwrap()).await.unwrap();
        found.unwrap()
    }
}

use std::fs::File;
use std::io::{BufRead as _, BufReader, IsTerminal as _, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use clap::builder::PossibleValuesParser;
use flate2::bufread::MultiGzDecoder;
use haat_application::import::{ChangeImportError, failure_message, new_places};
use haat_application::shared::ChangeError;
use haat_domain::import::{
    Duplicates, Import, ImportId, ImportMode, ImportOptions, ImportState, NamedPlace, NewPlaces, OnError,
};
use haat_domain::shared::{FileStore, TenantId};
use haat_domain::tenancy::TenantSlug;
use haat_persistence_adapter::check_database;
use haat_storage_adapter::ObjectFiles;
use indicatif::{ProgressBar, ProgressStyle};
use prometheus::Registry;

use crate::background::{Background, BackgroundMetrics, LaneWorkers, Standby};
use crate::config::{AppDatabaseArgs, FilesArgs, Problems};
use crate::contexts::import::OperatorImport;

/// The interval at which the state of the import is polled.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// The interval between progress lines when standard error is not a terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// The time without a heartbeat after which a job is taken over: the default of `haat serve`.
const STALE: Duration = Duration::from_secs(30);

/// The chunk size in which a file is copied into the store, in bytes.
const CHUNK_BYTES: usize = 1 << 20;

/// Options of `haat import`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The exit code is 0 if all rows are in the pool (or a dry run is ready to be applied), 1 if nothing \
                        was written, 2 if some rows had errors. A running `haat serve` may do some of the work."
)]
pub(crate) struct Args {
    /// The file: CSV with a header row (uid, name, region, area, territory …), gzipped or not
    #[arg(value_name = "FILE", required_unless_present_any = ["apply", "errors_of"], conflicts_with_all = ["apply", "errors_of"])]
    file: Option<PathBuf>,
    /// Stop after checking all rows and report the result without writing
    #[arg(long, conflicts_with = "apply")]
    dry_run: bool,
    /// Retailers that rows may refer to: all (upsert), only new ones (create) or only existing ones (update)
    #[arg(long, default_value = "upsert", value_name = "MODE",
          value_parser = PossibleValuesParser::new(["upsert", "create", "update"]))]
    mode: String,
    /// Action for rows with an error: leave out the row (skip) or write nothing (abort)
    #[arg(long, default_value = "skip", value_name = "ACTION", value_parser = PossibleValuesParser::new(["skip", "abort"]))]
    on_error: String,
    /// Create regions, areas, territories and distributors that are not on the map
    #[arg(long)]
    create_missing: bool,
    /// Action for rows with the same uid: report all of them as errors (error) or use the last one (last)
    #[arg(long, default_value = "error", value_name = "ACTION", value_parser = PossibleValuesParser::new(["error", "last"]))]
    duplicates: String,
    /// Allow rows that refer to deleted retailers, and restore these retailers
    #[arg(long)]
    restore_deleted: bool,
    /// Apply the dry run with this id instead of importing a file
    #[arg(long, value_name = "ID")]
    apply: Option<i64>,
    /// Write the rows with errors, and the errors, to this file
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Only write the file of --errors for the import with this id
    #[arg(long, value_name = "ID", requires = "errors", conflicts_with_all = ["apply", "dry_run"])]
    errors_of: Option<i64>,
    /// Tenant, by its slug
    #[arg(long, default_value = "default", value_name = "SLUG")]
    tenant: String,
    #[command(flatten)]
    database: AppDatabaseArgs,
    #[command(flatten)]
    files: FilesArgs,
}

impl Args {
    fn options(&self) -> ImportOptions {
        ImportOptions {
            dry_run: self.dry_run,
            mode: ImportMode::from_name(&self.mode).unwrap_or_default(),
            on_error: OnError::from_name(&self.on_error).unwrap_or_default(),
            create_missing: self.create_missing,
            duplicates: Duplicates::from_name(&self.duplicates).unwrap_or_default(),
            restore_deleted: self.restore_deleted,
        }
    }
}

/// Imports a file, or applies a dry run.
pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut problems = Problems::default();
    let options = args.options();
    let database = args.database.parse(&mut problems);
    let files = args.files.parse(&mut problems);
    let slug = problems.check("--tenant", TenantSlug::parse(&args.tenant)).unwrap_or_default();
    problems.finish()?;
    check_database(&database).await?;
    let files: Arc<dyn FileStore> = Arc::new(ObjectFiles::open(&files)?);
    let operator = OperatorImport::new(&database, files, STALE)?;
    let tenant = operator.tenants.id_of(&slug).await?;
    let tenant = tenant.ok_or_else(|| anyhow!("there is no tenant {:?}", args.tenant))?;

    if let (Some(id), Some(file)) = (args.errors_of, &args.errors) {
        write_errors(&operator, tenant, ImportId::new(id), file).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let import = match (args.apply, &args.file) {
        (Some(id), _) => {
            let applied = operator.apply.by_operator(tenant, ImportId::new(id)).await;
            applied.map_err(|error| match error {
                ChangeImportError::Change(ChangeError::NotFound) => anyhow!("there is no such import"),
                other => other.into(),
            })?
        }
        (None, Some(file)) => submit(&operator, tenant, file, options).await?,
        (None, None) => return Err(anyhow!("no file was given")),
    };
    let Some(import) = follow(&operator, tenant, &import).await? else {
        eprintln!(
            "Import {} is not finished; a running `haat serve` or the next `haat import` continues it.",
            import.id
        );
        return Ok(ExitCode::FAILURE);
    };
    let new = new_places(&*operator.imports, tenant, &import).await?;
    println!("{}", summary(&import, new.as_ref()));
    if let Some(file) = &args.errors {
        write_errors(&operator, tenant, import.id, file).await?;
    } else if import.counts.failed.max(import.preview.map_or(0, |preview| preview.failed)) > 0 {
        eprintln!(
            "to write the rows with errors to a file: haat import --errors-of {} --errors FILE",
            import.id
        );
    }
    Ok(match import.state {
        ImportState::Succeeded | ImportState::Ready => ExitCode::SUCCESS,
        ImportState::Partial => ExitCode::from(2),
        _ => ExitCode::FAILURE,
    })
}

/// Copies the file into the store and submits an import of it.
async fn submit(
    operator: &OperatorImport,
    tenant: TenantId,
    path: &Path,
    options: ImportOptions,
) -> anyhow::Result<Import> {
    let unreadable = || format!("{} cannot be read", path.display());
    let mut file = open_decompressed(path).with_context(unreadable)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let mut upload = operator.submit.begin_by_operator(tenant).await?;
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok(operator.submit.by_operator(tenant, upload, (name, options)).await?),
            Ok(bytes) => upload.write(chunk.get(..bytes).unwrap_or_default()).await?,
            Err(error) => {
                upload.abandon().await;
                return Err(error).with_context(unreadable);
            }
        }
    }
}

/// Opens the file and decompresses it if it is gzipped, whatever its name.
fn open_decompressed(path: &Path) -> std::io::Result<Box<dyn Read + Send>> {
    let mut file = BufReader::with_capacity(CHUNK_BYTES, File::open(path)?);
    let is_gzip = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    Ok(if is_gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) })
}

/// Runs the import and shows its progress until it is final or ready to be applied; `None` if interrupted with Ctrl-C.
async fn follow(
    operator: &OperatorImport,
    tenant: TenantId,
    import: &Import,
) -> anyhow::Result<Option<Import>> {
    let background = Background {
        jobs: operator.jobs.clone(),
        schedules: None,
        drains: Vec::new(),
        metrics: Arc::new(BackgroundMetrics::new(&Registry::new())?),
        standby: Standby::default(),
    };
    let running = background.start(LaneWorkers { prompt: 0, standard: 1, bulk: 1 });
    let mut display = Display::new(import.id);
    display.show(import);
    let ended = tokio::select! {
        ended = async {
            loop {
                let current = operator.imports.find(tenant, import.id).await?;
                let current = current.ok_or_else(|| anyhow!("import {} no longer exists", import.id))?;
                display.show(&current);
                if current.state.is_final() || current.state == ImportState::Ready {
                    return Ok(Some(current));
                }
                tokio::time::sleep(POLL_INTERVAL).await;
            }
        } => ended,
        _ = tokio::signal::ctrl_c() => Ok(None),
    };
    display.bar.finish_and_clear();
    // A job of this process returns to the queue, so that another process can continue it.
    running.stop().await.context("a worker failed")?;
    ended
}

/// The progress of an import: a bar on a terminal, lines otherwise.
struct Display {
    id: ImportId,
    bar: ProgressBar,
    is_terminal: bool,
    last_shown: Option<(ImportState, Instant)>,
}

impl Display {
    fn new(id: ImportId) -> Self {
        Self {
            id,
            bar: ProgressBar::no_length(),
            is_terminal: std::io::stderr().is_terminal(),
            last_shown: None,
        }
    }

    fn show(&mut self, import: &Import) {
        let activity = match import.state {
            ImportState::Queued => "waiting",
            ImportState::Validating => "reading and checking",
            ImportState::Applying => "writing",
            _ => return,
        };
        let (total, done) = (import.total, import.counts.processed());
        let is_new_state = self.last_shown.is_none_or(|(state, _)| state != import.state);
        if self.is_terminal {
            self.update_bar(import, activity, is_new_state);
        } else if is_new_state || self.last_shown.is_some_and(|(_, at)| at.elapsed() >= LINE_INTERVAL) {
            let rows = if import.state == ImportState::Applying {
                format!("{done} of {total}")
            } else {
                total.to_string()
            };
            eprintln!("import {}: {activity}, rows: {rows}", self.id);
        } else {
            return;
        }
        self.last_shown = Some((import.state, Instant::now()));
    }

    fn update_bar(&self, import: &Import, activity: &'static str, is_new_state: bool) {
        let writing = import.state == ImportState::Applying;
        if is_new_state {
            let style = if writing {
                "{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}"
            } else {
                "{spinner} {msg} {human_pos} rows ({elapsed})"
            };
            if let Ok(style) = ProgressStyle::with_template(style) {
                self.bar.set_style(style);
            }
            self.bar.set_message(activity);
            self.bar.reset();
        }
        let position = if writing { import.counts.processed() } else { import.total };
        self.bar.set_length(u64::try_from(import.total).unwrap_or_default());
        self.bar.set_position(u64::try_from(position).unwrap_or_default());
    }
}

/// Describes the result of an import for the terminal.
fn summary(import: &Import, new: Option<&NewPlaces>) -> String {
    let (id, state) = (import.id, import.state.as_str());
    let (counts, prefix) = match import.preview {
        Some(preview) if import.state == ImportState::Ready => (preview, "would be "),
        _ => (import.counts, ""),
    };
    let mut text = format!(
        "import {id}: {state}, {} rows: {prefix}{} created, {} updated, {} unchanged, {} with errors",
        import.total, counts.created, counts.updated, counts.unchanged, counts.failed
    );
    if let Some(new) = new.filter(|new| new.total() > 0) {
        text = format!("{text}\n{prefix}created as well: {}", places(new));
    }
    match import.failure.as_ref().zip(failure_message(import)) {
        Some((failure, message)) => format!("{text}\n{failure}: {}", message.en),
        None if import.state == ImportState::Ready => {
            format!("{text}\nto apply it: haat import --apply {id}")
        }
        None => text,
    }
}

/// Lists the places that are not on the map, so that a misspelling is noticed before it creates a place.
fn places(new: &NewPlaces) -> String {
    let mut text = format!("{} {}", new.total(), if new.total() == 1 { "place" } else { "places" });
    for NamedPlace { kind, region, area, name } in &new.sample {
        let path: Vec<&str> =
            [region, area].into_iter().flatten().map(String::as_str).chain([&**name]).collect();
        text = format!("{text}\n  {kind} {}", path.join(" / "));
    }
    let more = new.total() - i64::try_from(new.sample.len()).unwrap_or_default();
    if more > 0 { format!("{text}\n  and {more} more") } else { text }
}

async fn write_errors(
    operator: &OperatorImport,
    tenant: TenantId,
    id: ImportId,
    path: &Path,
) -> anyhow::Result<()> {
    let written = async {
        let mut errors = operator.errors.by_operator(tenant, id).await?;
        let mut file = File::create(path)?;
        while let Some(chunk) = errors.next().await? {
            file.write_all(&chunk)?;
        }
        anyhow::Ok(())
    };
    written.await.with_context(|| format!("{} was not written", path.display()))
}

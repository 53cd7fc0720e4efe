use std::fs::File;
use std::io::{BufRead as _, BufReader, IsTerminal as _, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use clap::builder::PossibleValuesParser;
use flate2::bufread::MultiGzDecoder;
use haat_application::import::{failure_message, new_places};
use haat_domain::identity::TenantSlug;
use haat_domain::import::{
    Duplicates, Import, ImportMode, ImportOptions, ImportState, NamedPlace, NewPlaces, OnError,
};
use haat_domain::shared::{FileStore, ImportId, TenantId};
use haat_persistence_adapter::check_database;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::watch;

use crate::config::{AppDatabaseArgs, FilesArgs, Problems};
use crate::files::ObjectFiles;
use crate::jobs::work;
use crate::wiring::OperatorImport;

/// How often the import is looked at.
const PACE: Duration = Duration::from_millis(200);

/// Without a terminal, how often a line says how far it is.
const LINE: Duration = Duration::from_secs(5);

/// After so long of silence a job is taken over: what `haat serve` has unless told otherwise.
const STALE: Duration = Duration::from_secs(30);

/// A file is copied into the store in so many bytes at a time.
const PIECE: usize = 1 << 20;

/// Options of `haat import`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The exit code is 0 when all rows are in the pool (or a dry run is ready to be applied), 1 when nothing \
                        was written, 2 when some rows had errors. A running `haat serve` may do some of the work."
)]
pub(crate) struct Args {
    /// The file: CSV with a header that names uid, name, region, area, territory …; packed with gzip or not
    #[arg(value_name = "FILE", required_unless_present_any = ["apply", "errors_of"], conflicts_with_all = ["apply", "errors_of"])]
    file: Option<PathBuf>,
    /// Stop when all is known of what would happen
    #[arg(long, conflicts_with = "apply")]
    dry_run: bool,
    /// Which shops its rows may name: all, new ones alone, or known ones alone
    #[arg(long, default_value = "upsert", value_name = "MODE",
          value_parser = PossibleValuesParser::new(["upsert", "create", "update"]))]
    mode: String,
    /// What becomes of it when a row has an error: the row is left out, or nothing is written
    #[arg(long, default_value = "skip", value_name = "WHAT", value_parser = PossibleValuesParser::new(["skip", "abort"]))]
    on_error: String,
    /// Create regions, areas, territories and distributors that are not on the map
    #[arg(long)]
    create_missing: bool,
    /// Rows with the same uid: all of them are errors, or the last one counts
    #[arg(long, default_value = "error", value_name = "WHAT", value_parser = PossibleValuesParser::new(["error", "last"]))]
    duplicates: String,
    /// Rows may name deleted shops, which are restored by that
    #[arg(long)]
    restore_deleted: bool,
    /// Apply the dry run of this number instead of sending a file
    #[arg(long, value_name = "ID")]
    apply: Option<i64>,
    /// Write the rows that have errors into this file, with what is wrong with them
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Do no more than write that file (--errors) for the import of this number
    #[arg(long, value_name = "ID", requires = "errors", conflicts_with_all = ["apply", "dry_run"])]
    errors_of: Option<i64>,
    /// The company
    #[arg(long, default_value = "default", value_name = "NAME")]
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
    let tenant = operator.users.find_tenant(&slug).await?;
    let tenant = tenant.ok_or_else(|| anyhow!("there is no company {:?}", args.tenant))?;

    if let (Some(id), Some(file)) = (args.errors_of, &args.errors) {
        write_errors(&operator, tenant, ImportId::new(id), file).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let import = match (args.apply, &args.file) {
        (Some(id), _) => operator.apply.by_operator(tenant, ImportId::new(id)).await?,
        (None, Some(file)) => send(&operator, tenant, file, options).await?,
        (None, None) => return Err(anyhow!("no file was named")),
    };
    let Some(import) = follow(&operator, tenant, &import).await? else {
        eprintln!(
            "Import {} is not finished; a running `haat serve` goes on with it, or the next `haat import`.",
            import.id
        );
        return Ok(ExitCode::FAILURE);
    };
    let new = new_places(&*operator.imports, tenant, &import).await?;
    println!("{}", outcome(&import, new.as_ref()));
    if let Some(file) = &args.errors {
        write_errors(&operator, tenant, import.id, file).await?;
    } else if import.counts.failed.max(import.preview.map_or(0, |preview| preview.failed)) > 0 {
        eprintln!("the rows with errors as a file: haat import --errors-of {} --errors FILE", import.id);
    }
    Ok(match import.state {
        ImportState::Succeeded | ImportState::Ready => ExitCode::SUCCESS,
        ImportState::Partial => ExitCode::from(2),
        _ => ExitCode::FAILURE,
    })
}

/// Copies the file into the store, and makes an import of it.
async fn send(
    operator: &OperatorImport,
    tenant: TenantId,
    path: &Path,
    options: ImportOptions,
) -> anyhow::Result<Import> {
    let cannot = || format!("{} cannot be read", path.display());
    let mut file = unpacked(path).with_context(cannot)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let mut upload = operator.submit.begin_by_operator(tenant).await?;
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(operator.submit.by_operator(tenant, upload, (name, options)).await?),
            Ok(bytes) => upload.write(piece.get(..bytes).unwrap_or_default()).await?,
            Err(error) => {
                upload.abandon().await;
                return Err(error).with_context(cannot);
            }
        }
    }
}

/// The file, unpacked where it is packed with gzip, whatever it is called.
fn unpacked(path: &Path) -> std::io::Result<Box<dyn Read + Send>> {
    let mut file = BufReader::with_capacity(PIECE, File::open(path)?);
    let packed = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    Ok(if packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) })
}

/// Works on the import and shows how far it is, until nothing more becomes of it; none when told to stop before.
async fn follow(
    operator: &OperatorImport,
    tenant: TenantId,
    import: &Import,
) -> anyhow::Result<Option<Import>> {
    let (stop_working, stop) = watch::channel(false);
    let worker = tokio::spawn(work(operator.jobs.clone(), stop));
    let mut display = Display::new(import.id);
    display.show(import);
    let ended = tokio::select! {
        ended = async {
            loop {
                let found = operator.imports.find(tenant, import.id).await?;
                let found = found.ok_or_else(|| anyhow!("import {} is gone", import.id))?;
                display.show(&found);
                if found.state.is_final() || found.state == ImportState::Ready {
                    return Ok(Some(found));
                }
                tokio::time::sleep(PACE).await;
            }
        } => ended,
        _ = tokio::signal::ctrl_c() => Ok(None),
    };
    display.bar.finish_and_clear();
    // What is in hand is given back then, for others to go on with.
    let _ = stop_working.send(true);
    worker.await.context("the worker ended badly")?;
    ended
}

/// How far an import is: a bar at a terminal, lines elsewhere.
struct Display {
    id: ImportId,
    bar: ProgressBar,
    is_terminal: bool,
    shown: Option<(ImportState, Instant)>,
}

impl Display {
    fn new(id: ImportId) -> Self {
        Self { id, bar: ProgressBar::no_length(), is_terminal: std::io::stderr().is_terminal(), shown: None }
    }

    fn show(&mut self, import: &Import) {
        let doing = match import.state {
            ImportState::Queued => "waiting",
            ImportState::Validating => "reading and checking",
            ImportState::Applying => "writing",
            _ => return,
        };
        let (total, done) = (import.total, import.counts.processed());
        let new = self.shown.is_none_or(|(state, _)| state != import.state);
        if self.is_terminal {
            self.bar_at(import, doing, new);
        } else if new || self.shown.is_some_and(|(_, at)| at.elapsed() >= LINE) {
            let of = if import.state == ImportState::Applying {
                format!("{done} of {total}")
            } else {
                total.to_string()
            };
            eprintln!("import {}: {doing}, rows: {of}", self.id);
        } else {
            return;
        }
        self.shown = Some((import.state, Instant::now()));
    }

    fn bar_at(&self, import: &Import, doing: &'static str, new: bool) {
        let writing = import.state == ImportState::Applying;
        if new {
            let style = if writing {
                "{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}"
            } else {
                "{spinner} {msg} {human_pos} rows ({elapsed})"
            };
            if let Ok(style) = ProgressStyle::with_template(style) {
                self.bar.set_style(style);
            }
            self.bar.set_message(doing);
            self.bar.reset();
        }
        let position = if writing { import.counts.processed() } else { import.total };
        self.bar.set_length(u64::try_from(import.total).unwrap_or_default());
        self.bar.set_position(u64::try_from(position).unwrap_or_default());
    }
}

/// What has become of it.
fn outcome(import: &Import, new: Option<&NewPlaces>) -> String {
    let (id, state) = (import.id, import.state.as_str());
    let (counts, would) = match import.preview {
        Some(preview) if import.state == ImportState::Ready => (preview, "would be "),
        _ => (import.counts, ""),
    };
    let mut text = format!(
        "import {id}: {state}, {} rows: {would}{} created, {} updated, {} unchanged, {} with errors",
        import.total, counts.created, counts.updated, counts.unchanged, counts.failed
    );
    if let Some(new) = new.filter(|new| new.total > 0) {
        text = format!("{text}\n{would}created as well: {}", places(new));
    }
    match import.failure.as_ref().zip(failure_message(import)) {
        Some((failure, message)) => format!("{text}\n{failure}: {}", message.en),
        None if import.state == ImportState::Ready => {
            format!("{text}\nto apply it: haat import --apply {id}")
        }
        None => text,
    }
}

/// The places that are not on the map, so that a slip of the pen is seen before it becomes one.
fn places(new: &NewPlaces) -> String {
    let mut text = format!("{} {}", new.total, if new.total == 1 { "place" } else { "places" });
    for NamedPlace { kind, region, area, name } in &new.sample {
        let path: Vec<&str> =
            [region, area].into_iter().flatten().map(String::as_str).chain([&**name]).collect();
        text = format!("{text}\n  {kind} {}", path.join(" / "));
    }
    let more = new.total - i64::try_from(new.sample.len()).unwrap_or_default();
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
        while let Some(piece) = errors.next().await? {
            file.write_all(&piece)?;
        }
        anyhow::Ok(())
    };
    written.await.with_context(|| format!("{} was not written", path.display()))
}

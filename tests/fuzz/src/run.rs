//! Runs one target: the inputs that were kept first, then as many made ones as the environment says.

use std::fs::{self, File};
use std::io::{Seek, Write};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use crate::ALLOCATOR;
use crate::random::Random;

/// No input may take longer.
const MOST_TIME: Duration = Duration::from_secs(5);
/// A check that takes this long is taken to hang, and ends the process.
const HUNG: Duration = Duration::from_secs(30);
/// How often a failing input is tried with less of it.
const SHRINKS: usize = 2_000;
const SHRINK_TIME: Duration = Duration::from_secs(10);
/// How much of an input a message shows.
const SHOWN: usize = 400;

/// What reads inputs of one kind.
pub(crate) struct Target {
    /// Its name, which is that of its test and of the folder of its findings.
    pub(crate) name: &'static str,
    /// How many inputs are made where the environment does not say.
    pub(crate) cases: u64,
    /// How much memory any input may take, in bytes, and how much more each of its bytes may.
    pub(crate) memory: (usize, usize),
    /// How large the stack is, in bytes.
    pub(crate) stack: usize,
    /// Makes an input.
    pub(crate) make: fn(&mut Random) -> Vec<u8>,
    /// Panics where something does not hold. What it does depends on the input alone.
    pub(crate) check: fn(&[u8]),
}

/// Why an input fails.
struct Failure {
    /// Where it panicked, or which bound it passed: less of the input must fail for the same.
    place: String,
    message: String,
}

/// How much work there is: a number of inputs, or a time.
enum Amount {
    Cases(u64),
    Time(Duration),
}

/// One target at a time, since memory is counted for the whole process.
static ALONE: Mutex<()> = Mutex::new(());

/// The stack of a program's main thread. `gen` has a larger one, and programs that use the library have this one.
pub(crate) const MAIN: usize = 8 << 20;
/// The stack of any other thread, such as those of tokio, which the runtime may have.
pub(crate) const WORKER: usize = 2 << 20;

impl Target {
    pub(crate) fn run(&self) {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        watch();
        let result = std::thread::scope(|scope| {
            let builder = std::thread::Builder::new().name(self.name.to_owned()).stack_size(self.stack);
            builder.spawn_scoped(scope, || self.run_all()).expect("a thread").join()
        });
        if let Err(panic) = result {
            std::panic::resume_unwind(panic);
        }
    }

    fn run_all(&self) {
        for path in self.findings() {
            let input = fs::read(&path).expect("a finding");
            begin(self.name, None);
            if let Err(failure) = self.attempt(&input) {
                panic!("`{}`: {}\n  the finding {} fails again", self.name, failure.message, path.display());
            }
        }
        let seed = number("FUZZ_SEED").unwrap_or(1);
        let amount = match (number("FUZZ_CASES"), number("FUZZ_SECONDS")) {
            (None, Some(seconds)) => Amount::Time(Duration::from_secs(seconds)),
            (cases, _) => Amount::Cases(cases.unwrap_or(self.cases)),
        };
        let mut trace = Trace::new(self.name);
        let (start, mut count, mut slowest, mut largest) = (Instant::now(), 0, Duration::ZERO, 0);
        while amount.is_left(count, start) {
            let case = seed.wrapping_add(count);
            begin(self.name, Some(case));
            let input = (self.make)(&mut Random::new(case));
            trace.note(&input);
            match self.attempt(&input) {
                Ok((time, memory)) => (slowest, largest) = (slowest.max(time), largest.max(memory)),
                Err(failure) => self.fail(case, input, &failure),
            }
            count += 1;
        }
        end();
        println!("{}: {count} cases in {:.1?}, at most {slowest:.1?} and {} KB", self.name, start.elapsed(), largest >> 10);
    }

    /// Checks an input; how long that took, and how much memory.
    fn attempt(&self, input: &[u8]) -> Result<(Duration, usize), Failure> {
        hold_panics();
        ALLOCATOR.reset_peak_usage();
        let (held, start) = (ALLOCATOR.current_usage(), Instant::now());
        CHECKING.store(true, Ordering::Relaxed);
        let result = catch_unwind(AssertUnwindSafe(|| (self.check)(input)));
        CHECKING.store(false, Ordering::Relaxed);
        let (time, memory) = (start.elapsed(), ALLOCATOR.peak_usage().saturating_sub(held));
        let panic = PANIC.lock().unwrap_or_else(PoisonError::into_inner).take();
        if result.is_err() {
            let (place, message) = panic.unwrap_or_default();
            let message: String = message.chars().take(4 * SHOWN).collect();
            return Err(Failure { message: format!("panicked at {place}: {message}"), place });
        }
        let (fixed, per_byte) = self.memory;
        let (bound, place) = (fixed + per_byte * input.len(), String::new());
        if time > MOST_TIME {
            return Err(Failure { message: format!("took {time:.1?}"), place });
        }
        if memory > bound {
            return Err(Failure { message: format!("took {memory} bytes of memory, which is more than {bound}"), place });
        }
        Ok((time, memory))
    }

    fn fail(&self, case: u64, input: Vec<u8>, failure: &Failure) -> ! {
        let input = self.shrink(input, failure);
        let path = folder().join(format!("{}-{case}", self.name));
        fs::write(&path, &input).expect("a folder for inputs");
        let shown = String::from_utf8_lossy(&input[..input.len().min(SHOWN)]).into_owned();
        panic!(
            "`{name}`: {message}\n  the smallest such input that was found, {len} bytes: {shown:?}\n  \
             replay: FUZZ_SEED={case} FUZZ_CASES=1 cargo test -p tapwright-fuzz {name}\n  \
             keep it: cp {path} tests/fuzz/findings/{name}/",
            name = self.name,
            message = failure.message,
            len = input.len(),
            path = path.display()
        );
    }

    /// Leaves out of an input whatever it fails without, in ever smaller pieces.
    fn shrink(&self, mut input: Vec<u8>, failure: &Failure) -> Vec<u8> {
        let (start, mut tries, mut size) = (Instant::now(), 0, input.len().div_ceil(2));
        while size > 0 && tries < SHRINKS && start.elapsed() < SHRINK_TIME {
            let mut at = 0;
            while at < input.len() && tries < SHRINKS && start.elapsed() < SHRINK_TIME {
                tries += 1;
                begin(self.name, None);
                let end = input.len().min(at + size);
                let less = [&input[..at], &input[end..]].concat();
                if self.attempt(&less).is_err_and(|other| other.place == failure.place) {
                    input = less;
                } else {
                    at = end;
                }
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
        input
    }

    fn findings(&self) -> Vec<PathBuf> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("findings").join(self.name);
        let entries = fs::read_dir(folder).into_iter().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        paths
    }
}

impl Amount {
    fn is_left(&self, count: u64, start: Instant) -> bool {
        match self {
            Self::Cases(cases) => count < *cases,
            Self::Time(time) => start.elapsed() < *time,
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("`{variable}` must be a number, not `{text}`")))
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// The input under way, in a file: a stack that overflows ends the process without another word.
struct Trace {
    path: PathBuf,
    file: File,
}

impl Trace {
    fn new(name: &str) -> Self {
        let path = folder().join(format!("{name}.input"));
        if fs::exists(&path).unwrap_or_default() {
            tell(&format!("`{name}`: the run before did not end; its last input is {}", path.with_extension("ended").display()));
            let _ = fs::rename(&path, path.with_extension("ended"));
        }
        let file = File::create(&path).expect("a folder for inputs");
        Self { path, file }
    }

    fn note(&mut self, input: &[u8]) {
        let written = self.file.set_len(0).and_then(|()| self.file.rewind()).and_then(|()| self.file.write_all(input));
        written.expect("a file for the input");
    }
}

/// Whatever came of the last input was told.
impl Drop for Trace {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// What is under way, and since when.
static UNDER_WAY: Mutex<Option<(&str, Option<u64>, Instant)>> = Mutex::new(None);

fn begin(name: &'static str, case: Option<u64>) {
    *UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner) = Some((name, case, Instant::now()));
}

fn end() {
    *UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

/// Ends the process where a check does not come to an end.
fn watch() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        std::thread::spawn(|| {
            loop {
                std::thread::sleep(Duration::from_secs(1));
                let under_way = *UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some((name, case, start)) = under_way
                    && start.elapsed() > HUNG
                {
                    let which = case.map_or_else(String::new, |case| format!(": FUZZ_SEED={case} FUZZ_CASES=1"));
                    tell(&format!("`{name}` hangs{which}"));
                    std::process::exit(1);
                }
            }
        });
    });
}

/// The panic of the check under way: where, and what it said.
static PANIC: Mutex<Option<(String, String)>> = Mutex::new(None);

static CHECKING: AtomicBool = AtomicBool::new(false);

/// Keeps the panics of checks; the harness tells of them itself.
fn hold_panics() {
    static SET: Once = Once::new();
    SET.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            if !CHECKING.load(Ordering::Relaxed) {
                before(info);
                return;
            }
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            let payload = info.payload();
            let text =
                payload.downcast_ref::<String>().cloned().or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string));
            let text = text.unwrap_or_default();
            *PANIC.lock().unwrap_or_else(PoisonError::into_inner) = Some((place, text));
        }));
    });
}

/// Says something that the test harness does not hold back.
fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

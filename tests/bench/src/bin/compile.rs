//! Measures what `cargo check` spends on a codec: the same 200 records bare, with serde's derive, and with the table codec.
//!
//! `cargo run --release -p tapwright-bench --bin compile`
//!
//! The three crates are written to a temporary folder, and their dependencies built once. Then each is touched and checked in
//! turn, several times; only that is measured.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tapwright_bench::{cpu, table};

const RECORDS: usize = 200;
const ROUNDS: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::temp_dir().join(format!("tapwright-compile-{}", std::process::id()));
    let result = measure(&dir);
    fs::remove_dir_all(&dir)?;
    result
}

fn measure(dir: &Path) -> Result<(), Box<dyn Error>> {
    let workspace = fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))?;
    let runtime = workspace.join("templates/runtime");
    let crates = [
        Leaf { name: "bare", dependency: String::new(), source: source(Codec::None) },
        Leaf {
            name: "serde derive",
            dependency: "serde = { version = \"1\", features = [\"derive\"] }".to_owned(),
            source: source(Codec::Serde),
        },
        Leaf {
            name: "table codec",
            dependency: format!("tapwright-runtime = {{ path = \"{}\", default-features = false }}", runtime.display()),
            source: source(Codec::Table),
        },
    ];
    for leaf in &crates {
        leaf.write(dir, &workspace.join("Cargo.lock"))?;
        leaf.check(dir, 0)?;
    }
    let mut seconds = crates.each_ref().map(|_| Vec::new());
    for round in 1..=ROUNDS {
        for (leaf, seconds) in crates.iter().zip(&mut seconds) {
            seconds.push(leaf.check(dir, round)?);
        }
    }
    let [bare, serde, table] = seconds.map(table::median);
    let fields = f64::from(u32::try_from(fields_in_all())?);
    let row = |name: &str, seconds: f64| {
        let own = seconds - bare;
        vec![
            name.to_owned(),
            format!("{seconds:.2}"),
            format!("{:.0}", own / fields * 1e6),
            format!("{:.1}", serde / seconds),
            format!("{:.1}", (serde - bare) / own),
        ]
    };
    println!("{RECORDS} records, {fields} fields; `cargo check` of the crate alone, CPU seconds, median of {ROUNDS}.\n");
    table::print(
        &["codec", "check, s", "codec per field, µs", "serde / it", "serde / it, codecs alone"],
        &[
            vec!["none".to_owned(), format!("{bare:.2}"), "-".to_owned(), format!("{:.1}", serde / bare), "-".to_owned()],
            row("serde derive", serde),
            row("table codec", table),
        ],
    );
    Ok(())
}

/// A throw-away crate.
struct Leaf {
    name: &'static str,
    dependency: String,
    source: String,
}

impl Leaf {
    fn dir(&self, dir: &Path) -> PathBuf {
        dir.join(self.name.replace(' ', "-"))
    }

    fn write(&self, dir: &Path, lock: &Path) -> Result<(), Box<dyn Error>> {
        let dir = self.dir(dir);
        fs::create_dir_all(dir.join("src"))?;
        let name = self.name.replace(' ', "-");
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{}\n\n[workspace]\n",
            self.dependency
        );
        fs::write(dir.join("Cargo.toml"), manifest)?;
        // The versions that the workspace has fetched.
        fs::copy(lock, dir.join("Cargo.lock"))?;
        Ok(())
    }

    /// Changes the crate and checks it; gives the CPU seconds of that.
    fn check(&self, dir: &Path, round: usize) -> Result<f64, Box<dyn Error>> {
        fs::write(self.dir(dir).join("src/lib.rs"), format!("{}// Round {round}\n", self.source))?;
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let start = cpu::of_children()?;
        let output = Command::new(cargo)
            .args(["check", "--offline", "--quiet"])
            .current_dir(self.dir(dir))
            .env("CARGO_TARGET_DIR", dir.join("target"))
            .env("CARGO_INCREMENTAL", "0")
            .stdin(Stdio::null())
            .output()?;
        if !output.status.success() {
            return Err(format!("`cargo check` of {}: {}", self.name, String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(cpu::of_children()? - start)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Codec {
    None,
    Serde,
    Table,
}

fn field_count(record: usize) -> usize {
    9 + record % 5
}

fn fields_in_all() -> usize {
    (0..RECORDS).map(field_count).sum()
}

fn field_type(record: usize, field: usize) -> String {
    // Only later records are held, so that none holds itself.
    let later = record + 1 + (record * 7 + field * 3) % 20;
    let inner = match field {
        3 | 9 => "i64".to_owned(),
        4 => "bool".to_owned(),
        5 if later < RECORDS => format!("Vec<Record{later}>"),
        6 if later < RECORDS => format!("Record{later}"),
        7 => "Vec<String>".to_owned(),
        10 => "f64".to_owned(),
        _ => "String".to_owned(),
    };
    format!("Option<{inner}>")
}

/// The source of a crate, in the form that the generator emits.
fn source(codec: Codec) -> String {
    let mut out = String::from("//! Records.\n\n");
    if codec == Codec::Table {
        out.push_str(
            "use tapwright_runtime::rt::codec::{Decode, Fields, Key};\nuse tapwright_runtime::rt::fault::Fault;\n\
             use tapwright_runtime::rt::reader::Reader;\n\n",
        );
    }
    for record in 0..RECORDS {
        declaration(&mut out, record, codec);
        if codec == Codec::Table {
            impls(&mut out, record);
        }
    }
    out
}

fn declaration(out: &mut String, record: usize, codec: Codec) {
    let derive = if codec == Codec::Serde { ", serde::Deserialize" } else { "" };
    let _ = write!(
        out,
        "/// A record.\n#[derive(Clone, Debug, Default, PartialEq{derive})]\n#[non_exhaustive]\npub struct Record{record} {{\n"
    );
    for field in 0..field_count(record) {
        let _ = writeln!(out, "    /// A field.\n    pub field_{field}: {},", field_type(record, field));
    }
    out.push_str("}\n\n");
}

fn impls(out: &mut String, record: usize) {
    let fields = 0..field_count(record);
    let keys: Vec<String> = fields.clone().map(|field| format!("Key::optional(\"field_{field}\")")).collect();
    let arms: Vec<String> = fields.map(|field| format!("            {field} => r.fill(&mut self.field_{field}),\n")).collect();
    let _ = write!(
        out,
        "static RECORD_{record}: &[Key] = &[{keys}];

impl Fields for Record{record} {{
    fn set(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {{
        match index {{
{arms}            _ => r.skip_unknown(),
        }}
    }}
}}

impl Decode for Record{record} {{
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {{
        let mut value = Self::default();
        r.record(RECORD_{record}, &mut value)?;
        Ok(value)
    }}
}}

",
        keys = keys.join(", "),
        arms = arms.concat(),
    );
}

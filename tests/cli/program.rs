//! The program with a state directory of its own.

use serde_json::Value;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// The official columns of a SCDL file of grants.
pub const SCDL: &str = "nomAttribuant,idAttribuant,dateConvention,referenceDecision,nomBeneficiaire,idBeneficiaire,rnaBeneficiaire,objet,montant,nature,conditionsVersement,datesPeriodeVersement,idRAE,notificationUE,pourcentageSubvention,dispositifAide";

/// One grant of the Région, as a line of a SCDL file.
pub fn grant(reference: &str, date: &str, amount: &str) -> String {
    grant_to(reference, date, amount, "38047555800058")
}

/// One grant of the Région to a beneficiary.
pub fn grant_to(reference: &str, date: &str, amount: &str, siret: &str) -> String {
    format!(
        "Région Hauts-de-France,20005374200017,{date},{reference},Association {reference},{siret},,Action {reference},{amount},aide en numéraire,unique,,,non,1,"
    )
}

/// The program, a state directory, and files that it may read.
pub struct Program {
    directory: TempDir,
}

impl Program {
    pub fn new() -> Self {
        Program { directory: tempfile::tempdir().unwrap() }
    }

    /// A path in the directory of this test.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a SCDL file of these lines.
    pub fn scdl(&self, name: &str, lines: &[String]) -> PathBuf {
        self.file(name, format!("{SCDL}\n{}\n", lines.join("\n")).as_bytes())
    }

    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Runs a command on the state directory of this test.
    pub fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_passerelle"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(arguments)
            .arg("--state")
            .arg(self.path("state"))
            .output()
            .unwrap()
    }

    /// Starts a command on the state directory of this test.
    pub fn start(&self, arguments: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_passerelle"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(arguments)
            .arg("--state")
            .arg(self.path("state"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Runs a command that prints JSON, whatever its exit code.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.push("--json");
        let output = self.run(&all);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
    }

    /// Syncs the Région's grants from `file` and gives the run.
    pub fn sync(&self, file: &std::path::Path) -> Value {
        self.json(&["sync", "region-droit-commun", "--from", file.to_str().unwrap()])[0].clone()
    }
}

/// The counts of a run, in the order read, added, changed, unchanged, skipped, rejected, gone.
pub fn counts(run: &Value) -> [u64; 7] {
    ["read", "added", "changed", "unchanged", "skipped", "rejected", "gone"]
        .map(|name| run["counts"][name].as_u64().unwrap_or_else(|| panic!("{run}")))
}

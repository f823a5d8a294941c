//! What is said where something that a test needs is missing; with PASSERELLE_TEST_ALL=1 that is a failure.

/// Whether a test that cannot run here must fail.
#[expect(clippy::disallowed_methods, reason = "a test asks its environment whether it may skip")]
pub fn skipped(why: &str) {
    let strict = std::env::var("PASSERELLE_TEST_ALL").is_ok_and(|value| value == "1");
    assert!(!strict, "{why}, and PASSERELLE_TEST_ALL=1 asks for every test");
    println!("skipped: {why}");
}

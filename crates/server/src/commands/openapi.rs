use anyhow::Context as _;

/// Prints the OpenAPI document.
pub(crate) fn run() -> anyhow::Result<()> {
    let document = haat_http_adapter::openapi().to_pretty_json().context("the document cannot be written")?;
    println!("{document}");
    Ok(())
}

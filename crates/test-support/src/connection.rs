use tokio_postgres::{Client, NoTls};
use url::Url;

use crate::required_env;

/// Returns the URL in a variable, with another database.
pub(crate) fn url_of(variable: &str, database: &str) -> String {
    let mut url = Url::parse(&required_env(variable)).expect("a URL of Postgres");
    url.set_path(database);
    url.into()
}

/// Opens a plain connection.
pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("Postgres; run `make test`");
    tokio::spawn(connection);
    client
}

//! The test kit's own server: found, started, usable, gone afterwards.

use crate::testkit::cluster::{Cluster, ClusterOptions};

#[tokio::test]
async fn a_cluster_of_our_own_starts_answers_and_leaves_nothing() {
    let options = ClusterOptions { max_connections: 10, ..ClusterOptions::default() };
    let cluster = tokio::task::spawn_blocking(move || Cluster::start(&options)).await.unwrap().unwrap();
    let url = cluster.url();
    let folder = cluster.folder().to_owned();
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let row = client
        .query_one("SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'postgres'", &[])
        .await
        .unwrap();
    assert_eq!((row.get::<_, &str>(0), row.get::<_, &str>(1)), ("C", "UTF8"));
    drop(client);
    connection.await.unwrap().unwrap();
    assert!(folder.exists());
    tokio::task::spawn_blocking(move || drop(cluster)).await.unwrap();
    assert!(!folder.exists());
    assert!(tokio_postgres::connect(&url, tokio_postgres::NoTls).await.is_err());
}

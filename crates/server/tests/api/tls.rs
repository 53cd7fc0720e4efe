//! TLS connections to Postgres and Redis.

use haat_test_support::{Fixture, TestDatabase, TlsProxy, redis_url};

use crate::support::{SECRET, Server, haat, run};

#[tokio::test(flavor = "multi_thread")]
async fn postgres_and_redis_connections_use_tls_and_verify_certificates() {
    let database = TestDatabase::new().await;
    let fixture = Fixture::new(&database).await;
    let (plain, redis) = (database.app_url(), redis_url());
    let (postgres_proxy, redis_proxy) = (TlsProxy::new(&plain).await, TlsProxy::new(&redis).await);
    // One file with both certificates.
    let both =
        [&postgres_proxy, &redis_proxy].map(|proxy| std::fs::read_to_string(&proxy.certificate).unwrap());
    let trusted = postgres_proxy.certificate.with_extension("both.pem");
    std::fs::write(&trusted, both.concat()).unwrap();
    let url = |host: &str| format!("{}?sslmode=require", postgres_proxy.through(&plain, host));
    let redis = redis_proxy.through(&redis, "localhost").replacen("redis:", "rediss:", 1);
    let trusted = ("SSL_CERT_FILE", trusted.to_str().unwrap());
    let server = Server::start(&url("localhost"), &[trusted, ("REDIS_URL", &redis), ("HAAT_LOG", "warn")]);
    let token = server.token(fixture.ours.slug, fixture.ours.rep.username).await;
    for _ in 0..2 {
        assert_eq!(server.get("/retailers").bearer_auth(&token).send().await.unwrap().status(), 200);
    }
    let mut server = server;
    server.signal("TERM");
    let (_, log) = server.wait();
    // A handshake may exceed the 50 ms of a command on a busy machine; no other reason is accepted.
    let mut refused = log.lines().filter(|line| line.contains("Redis does not serve"));
    assert!(refused.all(|line| line.contains("no response in time")), "{log}");

    let other = TlsProxy::new(&plain).await;
    let both = [&postgres_proxy, &other].map(|proxy| std::fs::read_to_string(&proxy.certificate).unwrap());
    let without_redis = other.certificate.with_extension("both.pem");
    std::fs::write(&without_redis, both.concat()).unwrap();
    let certificates = ("SSL_CERT_FILE", without_redis.to_str().unwrap());
    let mut server =
        Server::start(&url("localhost"), &[certificates, ("REDIS_URL", &redis), ("HAAT_LOG", "warn")]);
    server.token(fixture.ours.slug, fixture.ours.rep.username).await;
    server.signal("TERM");
    let (_, log) = server.wait();
    assert!(
        log.contains("Redis does not serve"),
        "Redis was used although its certificate is not trusted: {log}"
    );

    for (url, certificates) in [
        // An untrusted certificate, another host name than in the certificate, and no TLS.
        (url("localhost"), other.certificate.to_str().unwrap()),
        (url("127.0.0.1"), trusted.1),
        (format!("{plain}?sslmode=require"), trusted.1),
    ] {
        let environment = [
            ("DATABASE_URL", &*url),
            ("SSL_CERT_FILE", certificates),
            ("HAAT_JWT_SECRET", SECRET),
            ("HAAT_ADMIN_PASSWORD", "Boss@12345"),
        ];
        let output = run(haat(&["create-admin", "--username", "boss"], &environment));
        assert!(!output.success, "{url}: {}", output.stdout);
    }
}

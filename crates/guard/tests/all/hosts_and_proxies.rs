//! Hosts that are served, proxies that are believed.

use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use guard::hosts::{AllowedHosts, Host, HostsProblem};
use guard::https::LoopbackPlain;
use guard::proxy::{BadHost, Client, Network, Peer, Scheme, TrustedProxies};
use http::{Method, Request, StatusCode};

use crate::testkit::{KEY, Site, keys, production_config};

#[test]
fn hosts_are_read_in_one_form_and_all_else_is_refused() {
    let good = [
        ("Shop.Example", "shop.example", None),
        ("shop.example.", "shop.example", None),
        ("shop.example:8443", "shop.example", Some(8443)),
        ("127.0.0.1:80", "127.0.0.1", Some(80)),
        ("[::1]", "[::1]", None),
        ("[0:0:0:0:0:0:0:1]:8000", "[::1]", Some(8000)),
        ("xn--tienda-ol-yeb.example", "xn--tienda-ol-yeb.example", None),
    ];
    for (text, name, port) in good {
        let host = Host::parse(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((host.name(), host.port()), (name, port));
    }
    let bad = [
        "", " ", "shop.example ", " shop.example", "shop example", "shop.example:", ":80", "shop.example:0",
        "shop.example:65536", "shop.example:+80", "shop.example:80:80", "shop.example:8a", "user@shop.example",
        "shop.example@evil.example", "shop.example/", "shop.example?x", "shop.example#x", "shop.example\\evil",
        "shop.example,evil.example", "shop%2eexample", "shop_example", "tiénda.example", "-shop.example",
        "shop-.example", "shop..example", ".shop.example", "shop.example..", "[::1", "::1", "[::1]x", "[::1]:",
        "[evil]", "[127.0.0.1]", "[::1%25eth0]", "127.1", "0x7f000001", "2130706433", "127.0.0.1.5", "0x7f.1",
        "shop.example\t", "shop.example\u{0}", "shop.example:80\r\nx",
    ];
    for text in bad {
        assert!(Host::parse(text).is_none(), "{text:?}");
    }
    assert!(Host::parse(&"a.".repeat(140)).is_none());
    assert!(Host::parse(&format!("{}.example", "a".repeat(64))).is_none());
}

#[test]
fn the_list_of_hosts_is_exact_or_below_a_dot() {
    let hosts = AllowedHosts::new(&["shop.example", ".chain.example", "10.0.0.5", "[::1]"]).unwrap();
    let cases = [
        ("shop.example", true),
        ("SHOP.example:9000", true),
        ("www.shop.example", false),
        ("shop.example.evil.example", false),
        ("evilshop.example", false),
        ("chain.example", true),
        ("a.chain.example", true),
        ("a.b.chain.example", true),
        ("evilchain.example", false),
        ("chain.example.evil", false),
        ("10.0.0.5", true),
        ("10.0.0.50", false),
        ("[::1]:8000", true),
        ("[::2]", false),
    ];
    for (text, expected) in cases {
        assert_eq!(hosts.allow(&Host::parse(text).unwrap()), expected, "{text}");
    }
}

#[test]
fn a_list_that_allows_everything_or_nothing_is_refused() {
    assert_eq!(AllowedHosts::new::<&str>(&[]), Err(vec![HostsProblem::Empty]));
    let problems = AllowedHosts::new(&["*", "", "a b", "shop.example:80", ".*", ".10.0.0.1"]);
    let malformed = |text: &str| HostsProblem::Malformed(text.to_owned());
    let expected = vec![
        HostsProblem::Wildcard,
        HostsProblem::Empty,
        malformed("a b"),
        HostsProblem::HasPort("shop.example:80".to_owned()),
        HostsProblem::Wildcard,
        malformed(".10.0.0.1"),
    ];
    assert_eq!(problems, Err(expected));
}

#[test]
fn networks_hold_what_lies_within_them() {
    let cases = [
        ("10.0.0.0/8", "10.255.1.2", true),
        ("10.0.0.0/8", "11.0.0.1", false),
        ("192.0.2.7", "192.0.2.7", true),
        ("192.0.2.7", "192.0.2.8", false),
        ("192.0.2.0/31", "192.0.2.1", true),
        ("192.0.2.0/31", "192.0.2.2", false),
        ("fd00::/8", "fd12::1", true),
        ("fd00::/8", "fe80::1", false),
        ("10.0.0.0/8", "::ffff:10.1.1.1", true),
        ("10.0.0.0/8", "a00::", false),
    ];
    for (network, address, expected) in cases {
        let network = Network::parse(network).unwrap();
        assert_eq!(network.contains(address.parse().unwrap()), expected, "{address}");
    }
    for text in ["", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/+8", "10.0.0.0/", "x", "::/129"] {
        assert!(Network::parse(text).is_none(), "{text}");
    }
    assert_eq!(TrustedProxies::new(&["0.0.0.0/0", "10.0.0.0/8"]), Err(vec!["0.0.0.0/0".to_owned()]));
}

fn client(peer: &str, headers: &[(&str, &str)]) -> Result<Client, BadHost> {
    let mut request = Request::builder().uri("/");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let proxies = TrustedProxies::new(&["10.0.0.0/8", "fd00::/8"]).unwrap();
    let address: SocketAddr = peer.parse().unwrap();
    proxies.client(Peer { address, transport: Scheme::Http }, &parts)
}

#[test]
fn forwarded_headers_count_only_from_trusted_proxies() {
    let host = ("host", "inner.example");
    // peer, X-Forwarded-For, -Proto, -Host → address, scheme, host
    let cases = [
        ("203.0.113.9:1", "198.51.100.1", "https", "evil.example", "203.0.113.9", "http", "inner.example"),
        ("10.0.0.1:1", "198.51.100.1", "https", "shop.example", "198.51.100.1", "https", "shop.example"),
        ("10.0.0.1:1", "1.1.1.1, 198.51.100.1", "https", "shop.example", "198.51.100.1", "https", "shop.example"),
        ("10.0.0.1:1", "198.51.100.1, 10.0.0.7", "https", "shop.example", "198.51.100.1", "https", "shop.example"),
        ("10.0.0.1:1", "nonsense", "https", "shop.example", "10.0.0.1", "https", "shop.example"),
        ("10.0.0.1:1", "1.1.1.1, nonsense, 10.0.0.7", "https", "shop.example", "10.0.0.7", "https", "shop.example"),
        ("10.0.0.1:1", "198.51.100.1:5555", "HTTPS", "shop.example", "198.51.100.1", "https", "shop.example"),
        ("10.0.0.1:1", "[2001:db8::1]", "http, https", "shop.example", "2001:db8::1", "http", "shop.example"),
        ("10.0.0.1:1", "2001:db8::1", "ftp", "evil.example, shop.example", "2001:db8::1", "http", "shop.example"),
        ("[fd00::1]:1", "198.51.100.1", "https", "shop.example", "198.51.100.1", "https", "shop.example"),
        ("[::ffff:10.0.0.1]:1", "198.51.100.1", "https", "shop.example", "198.51.100.1", "https", "shop.example"),
    ];
    for (peer, forwarded_for, proto, forwarded_host, address, scheme, name) in cases {
        let headers = [
            host,
            ("x-forwarded-for", forwarded_for),
            ("x-forwarded-proto", proto),
            ("x-forwarded-host", forwarded_host),
        ];
        let seen = client(peer, &headers).unwrap();
        assert_eq!(seen.address, address.parse::<IpAddr>().unwrap(), "{peer} {forwarded_for}");
        assert_eq!(seen.scheme.as_str(), scheme, "{peer} {proto}");
        assert_eq!(seen.host.unwrap().name(), name, "{peer} {forwarded_host}");
    }
}

#[test]
fn contradictory_hosts_are_refused() {
    assert_eq!(client("203.0.113.9:1", &[]), Err(BadHost));
    assert_eq!(client("203.0.113.9:1", &[("host", "a.example"), ("host", "b.example")]), Err(BadHost));
    assert_eq!(client("203.0.113.9:1", &[("host", "a b")]), Err(BadHost));
    let forged = [("host", "a.example"), ("x-forwarded-host", "a b")];
    assert_eq!(client("10.0.0.1:1", &forged), Err(BadHost));
    assert!(client("203.0.113.9:1", &forged).is_ok());
}

async fn status(site: &Site, method: Method, path: &str, headers: &[(&str, &str)]) -> (StatusCode, String) {
    let mut request = site.request(method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = site.send(request.body(Body::empty()).unwrap()).await;
    (answer.status, answer.header("location").to_owned())
}

#[tokio::test]
async fn an_unknown_host_gets_400_and_is_never_repeated() {
    for host in ["evil.example", "shop.example.evil", "10.0.0.1", "a b", "localhost"] {
        let site = Site::production();
        let request = Request::get("/")
            .header("host", host)
            .extension(Peer { address: "203.0.113.9:1".parse().unwrap(), transport: Scheme::Https });
        let answer = site.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{host}");
        assert!(!answer.body.contains(host));
        assert_eq!(answer.header("x-frame-options"), "DENY");
    }
}

#[tokio::test]
async fn s101_plain_http_is_redirected_for_pages_and_refused_for_the_rest() {
    let site = Site { https: false, ..Site::production() };
    let cases = [
        (Method::GET, "/?a=1&b=//x", StatusCode::MOVED_PERMANENTLY, "https://shop.example/?a=1&b=//x"),
        (Method::HEAD, "/", StatusCode::MOVED_PERMANENTLY, "https://shop.example/"),
        (Method::GET, "//evil.example/", StatusCode::MOVED_PERMANENTLY, "https://shop.example//evil.example/"),
        (Method::POST, "/notes", StatusCode::FORBIDDEN, ""),
        (Method::DELETE, "/notes", StatusCode::FORBIDDEN, ""),
        (Method::OPTIONS, "/", StatusCode::FORBIDDEN, ""),
        (Method::GET, "/api/notes", StatusCode::FORBIDDEN, ""),
        (Method::GET, "/healthz", StatusCode::OK, ""),
    ];
    for (method, path, expected, location) in cases {
        let (status, target) = status(&site, method.clone(), path, &[]).await;
        assert_eq!((status, target.as_str()), (expected, location), "{method} {path}");
    }
}

#[tokio::test]
async fn one_pc_may_sell_on_its_own_loopback_without_tls_and_nobody_else() {
    let mut config = production_config(keys(KEY, &[]));
    config.https.loopback = LoopbackPlain::Allowed;
    config.hosts = AllowedHosts::new(&["localhost", "shop.example"]).unwrap();
    let site = Site { https: false, ..Site::with(config, std::sync::Arc::default()) };
    let cases = [
        ("127.0.0.1:5000", "localhost", StatusCode::OK),
        ("127.0.0.1:5000", "shop.example", StatusCode::MOVED_PERMANENTLY),
        ("203.0.113.9:5000", "localhost", StatusCode::MOVED_PERMANENTLY),
    ];
    for (peer, host, expected) in cases {
        let request = Request::get("/")
            .header("host", host)
            .extension(Peer { address: peer.parse().unwrap(), transport: Scheme::Http });
        let answer = site.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, expected, "{peer} {host}");
    }
}

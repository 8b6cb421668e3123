//! The listener: connections in, requests to the application, an orderly end.
//!
//! **Invariant:** a slow or silent client holds nothing but its own connection:
//! headers must arrive within ten seconds, a body must keep its pace, and connections
//! are bounded. An unsafe request that was read is carried out whatever its connection
//! does, and a stop waits for it.

use crate::pace::{PACE, Pace, Paced};
use axum::{Router, body::Body, extract::Request, response::Response};
use guard::proxy::{Peer, Scheme};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use std::{convert::Infallible, future::Future, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, mpsc},
};
use tower::ServiceExt;

/// How long a client may take to send its headers.
const HEADERS_TIME_MAX: Duration = Duration::from_secs(10);
/// How many connections are open at once; more wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 4_096;
/// How long a stop waits for requests that are under way.
const STOP_TIME_MAX: Duration = Duration::from_secs(20);
/// How long to wait before accepting again when the system has no more files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `stop` is ready, then lets the requests under way end.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    serve_at(listener, router, stop, PACE).await;
}

async fn serve_at(listener: TcpListener, router: Router, stop: impl Future<Output = ()>, pace: Pace) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    // Nothing is ever sent: each request that changes something holds a sender until it ended.
    let (under_way, mut all_ended) = mpsc::channel::<()>(1);
    tokio::pin!(stop);
    loop {
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place.expect("nobody closes the semaphore"),
            () = &mut stop => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Answers are small and whole: waiting for more to send only delays them.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let under_way = under_way.clone();
        let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
            let request = request.map(|body| Body::new(Paced::new(body, pace)));
            answer(router.clone(), address, request, under_way.clone())
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS_TIME_MAX)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // Clients break off as they like; that is no event of ours.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    drop(under_way);
    let ended = async {
        graceful.shutdown().await;
        // A client that hung up leaves its request behind: that too is carried out.
        let _ = all_ended.recv().await;
    };
    tokio::select! {
        () = ended => {}
        () = tokio::time::sleep(STOP_TIME_MAX) => tracing::warn!("requests still under way were cut off"),
    }
}

async fn answer(
    router: Router,
    address: SocketAddr,
    mut request: Request,
    under_way: mpsc::Sender<()>,
) -> Result<Response, Infallible> {
    request.extensions_mut().insert(Peer { address, transport: Scheme::Http });
    if request.method().is_safe() {
        return router.oneshot(request).await;
    }
    let carried_out = async move {
        let answered = router.oneshot(request).await;
        drop(under_way);
        answered
    };
    match tokio::spawn(carried_out).await {
        Ok(answered) => answered,
        Err(error) => {
            tracing::error!(%error, "a request's handler panicked");
            let mut response = Response::new(Body::empty());
            *response.status_mut() = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
            Ok(response)
        }
    }
}

/// Ready when the system asks the process to end (SIGTERM, SIGINT).
pub async fn asked_to_stop() {
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(signal) => signal,
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be heard; Ctrl-C still stops the server");
            let _ = tokio::signal::ctrl_c().await;
            return;
        }
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::post;
    use std::sync::atomic::{AtomicBool, Ordering};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        sync::{Notify, oneshot},
    };

    /// A server on a port of its own, its address, and what makes it stop.
    async fn start(router: Router, pace: Pace) -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, asked) = oneshot::channel();
        let stopped = async move {
            let _ = asked.await;
        };
        let served = tokio::spawn(serve_at(listener, router, stopped, pace));
        (address, stop, served)
    }

    #[tokio::test]
    async fn a_client_that_stops_sending_its_body_is_answered_and_cut_off() {
        let router = Router::new().route("/", post(|body: String| async move { body }));
        let pace = Pace { grace: Duration::from_millis(50), ..PACE };
        let (address, _stop, _served) = start(router, pace).await;
        let mut silent = TcpStream::connect(address).await.unwrap();
        silent.write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5000\r\n\r\nx").await.unwrap();
        let mut answer = String::new();
        silent.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }

    #[tokio::test]
    async fn a_stop_waits_for_a_change_whose_client_has_hung_up() {
        let (entered, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let is_done = Arc::new(AtomicBool::new(false));
        let router = {
            let (entered, go_on, is_done) = (Arc::clone(&entered), Arc::clone(&go_on), Arc::clone(&is_done));
            let change = async move || {
                entered.notify_one();
                go_on.notified().await;
                is_done.store(true, Ordering::SeqCst);
            };
            Router::new().route(
                "/",
                post(move || {
                    let change = change.clone();
                    async move { change().await }
                }),
            )
        };
        let (address, stop, served) = start(router, PACE).await;
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        entered.notified().await;
        drop(client);
        stop.send(()).unwrap();
        // The stop is under way before the change may go on.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(!served.is_finished());
        go_on.notify_one();
        served.await.unwrap();
        assert!(is_done.load(Ordering::SeqCst));
    }
}

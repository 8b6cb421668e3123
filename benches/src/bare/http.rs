//! hyper, and nothing above it: every request gets the same answer.

use crate::{client::Wire, proc, server::free_address};
use http_body_util::Full;
use hyper::{Request, Response, body::Bytes, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{
    convert::Infallible,
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::net::TcpListener;

/// As long as the answer to a barcode.
const ANSWER: &[u8] = br#"{"success":true,"data":{"id":"018f0000-0000-7002-8000-000000000001","nombre":"Arroz Diana 500 g","precio":"150.00","precio_final":"178.50","stock":"1000000","contenido":"1"}}"#;

/// Serves until it is killed.
///
/// # Errors
/// A sentence when the address is taken.
pub async fn serve(address: SocketAddr) -> Result<(), String> {
    let listener = TcpListener::bind(address).await.map_err(|error| format!("{address}: {error}"))?;
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        // Without it an answer may wait for more to send.
        let _ = stream.set_nodelay(true);
        let answer = async |_: Request<Incoming>| {
            let response = Response::builder().header("content-type", "application/json");
            Ok::<_, Infallible>(response.body(Full::new(Bytes::from_static(ANSWER))).expect("the head is constant"))
        };
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)));
    }
}

/// The bare server as a process.
pub struct BareHttp {
    child: Child,
    pub address: SocketAddr,
}

impl BareHttp {
    /// Starts this program once more, as that server.
    ///
    /// # Errors
    /// A sentence when it does not answer.
    pub async fn start() -> Result<BareHttp, String> {
        let address = free_address()?;
        let this = std::env::current_exe().map_err(|error| format!("this program has no file: {error}"))?;
        let child = Command::new(this)
            .args(["bare-http", &address.to_string()])
            .stdin(Stdio::null())
            .spawn()
            .map_err(|error| format!("the bare server does not start: {error}"))?;
        let bare = BareHttp { child, address };
        for _ in 0..2_000 {
            if Wire::connect(address).await.is_ok() {
                return Ok(bare);
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Err("the bare server does not answer".to_owned())
    }

    /// Its time at the processor.
    pub fn cpu(&self) -> proc::Cpu {
        proc::of_process(self.child.id())
    }
}

impl Drop for BareHttp {
    fn drop(&mut self) {
        // It may have ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! A client as lean as can be: on two cores the driver takes from what it measures.
//!
//! One connection, whole requests out, whole answers in; no header is looked at but
//! the length and the cookies.

use std::{io, net::SocketAddr};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A connection that is kept open.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

/// What came back.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    pub status: u16,
    pub head: &'a [u8],
    pub body: &'a [u8],
}

impl Answer<'_> {
    /// Whether a text stands in the body.
    pub fn says(&self, text: &str) -> bool {
        find(self.body, text.as_bytes()).is_some()
    }

    /// The head as text.
    pub fn head(&self) -> String {
        String::from_utf8_lossy(self.head).into_owned()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.body).into_owned()
    }
}

impl Wire {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> io::Result<Wire> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Wire { stream, buffer: vec![0; 64 * 1024], filled: 0 })
    }

    /// Sends a request and waits for the whole answer.
    pub async fn ask(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.filled = 0;
        let head_end = loop {
            let read = self.read().await?;
            // The end may lie across two reads.
            let from = (self.filled - read).saturating_sub(3);
            if let Some(at) = find(&self.buffer[from..self.filled], b"\r\n\r\n") {
                break from + at + 4;
            }
        };
        let head = &self.buffer[..head_end];
        let status = head.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        let status = status.ok_or_else(|| io::Error::other("no status"))?;
        let length = content_length(head).ok_or_else(|| io::Error::other("an answer without a length"))?;
        let end = head_end + length;
        if end > self.buffer.len() {
            self.buffer.resize(end, 0);
        }
        while self.filled < end {
            self.read().await?;
        }
        Ok(Answer { status, head: &self.buffer[..head_end], body: &self.buffer[head_end..end] })
    }

    async fn read(&mut self) -> io::Result<usize> {
        if self.filled == self.buffer.len() {
            self.buffer.resize(self.filled * 2, 0);
        }
        let read = self.stream.read(&mut self.buffer[self.filled..]).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.filled += read;
        Ok(read)
    }
}

fn content_length(head: &[u8]) -> Option<usize> {
    let name = b"content-length:";
    let line = head
        .split(|byte| *byte == b'\n')
        .find(|line| line.len() > name.len() && line[..name.len()].eq_ignore_ascii_case(name))?;
    std::str::from_utf8(&line[name.len()..]).ok()?.trim().parse().ok()
}

/// Where a text begins.
pub fn find(within: &[u8], text: &[u8]) -> Option<usize> {
    within.windows(text.len()).position(|window| window == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn an_answer_that_comes_in_pieces_is_read_whole() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("one client");
            stream.set_nodelay(true).expect("a socket");
            for piece in ["HTTP/1.1 200 OK\r\nContent-Le", "ngth: 5\r\n\r", "\nab", "cde"] {
                stream.write_all(piece.as_bytes()).await.expect("the client listens");
                stream.flush().await.expect("the client listens");
                tokio::task::yield_now().await;
            }
        });
        let mut wire = Wire::connect(address).await.expect("it listens");
        let answer = wire.ask(b"GET / HTTP/1.1\r\n\r\n").await.expect("an answer");
        assert_eq!((answer.status, answer.text().as_str()), (200, "abcde"));
        serving.await.expect("it ends");
    }
}

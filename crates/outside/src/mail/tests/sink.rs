//! A mail server that keeps what it hears. It speaks as much of RFC 5321 as a
//! client needs, and refuses where it is told to.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server answers to whom; `None`: as usual.
#[derive(Clone, Copy, Default)]
pub(super) struct Answers {
    pub(super) recipient: Option<&'static str>,
    pub(super) content: Option<&'static str>,
    pub(super) sign_in: Option<&'static str>,
    /// Accepts the connection and says nothing.
    pub(super) silent: bool,
}

/// What one connection said: its commands, and the message if there was one.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    pub(super) commands: Vec<String>,
    pub(super) content: Option<String>,
}

#[derive(Clone)]
pub(super) struct Sink {
    pub(super) port: u16,
    heard: Arc<Mutex<Heard>>,
}

impl Sink {
    /// Listens on a free port until the test's runtime ends.
    pub(super) async fn start(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sink = Self { port: listener.local_addr().unwrap().port(), heard: Arc::default() };
        let heard = Arc::clone(&sink.heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answers, Arc::clone(&heard)));
            }
        });
        sink
    }

    pub(super) fn heard(&self) -> Heard {
        self.heard.lock().unwrap().clone()
    }
}

/// A client that goes away ends the conversation, whatever it was about.
async fn serve(stream: TcpStream, answers: Answers, heard: Arc<Mutex<Heard>>) {
    if answers.silent {
        let mut stream = stream;
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
        return;
    }
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut content: Option<Vec<String>> = None;
    let mut answer = "220 sink";
    loop {
        if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return;
        }
        loop {
            let Ok(Some(line)) = lines.next_line().await else {
                return;
            };
            match &mut content {
                Some(body) if line == "." => {
                    heard.lock().unwrap().content = Some(body.join("\n"));
                    content = None;
                    answer = answers.content.unwrap_or("250 kept");
                    break;
                }
                // A leading dot was doubled on the way (4.5.2).
                Some(body) => body.push(line.strip_prefix('.').unwrap_or(&line).to_owned()),
                None => {
                    heard.lock().unwrap().commands.push(line.clone());
                    answer = match line.split([' ', ':']).next().unwrap_or_default() {
                        "EHLO" => "250-sink\r\n250-8BITMIME\r\n250 AUTH PLAIN",
                        "AUTH" => answers.sign_in.unwrap_or("235 welcome"),
                        "RCPT" => answers.recipient.unwrap_or("250 known"),
                        "DATA" => {
                            content = Some(Vec::new());
                            "354 go on"
                        }
                        "QUIT" => "221 bye",
                        _ => "250 fine",
                    };
                    break;
                }
            }
        }
    }
}

//! A request's body must keep coming.
//!
//! Owns the least pace at which a client may send a body. Knows nothing of who
//! asks or for what: it stands below the application, so that a handler that
//! reads a body never waits for somebody who sends a byte a minute.

use axum::BoxError;
use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// How slowly a body may come.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// What every body is given before its pace counts.
    pub grace: Duration,
    /// Below this it is cut off, on the average since it was first asked for.
    pub bytes_per_second_min: u64,
}

/// A phone that changes its cell needs as much; a form is there within a second.
pub const PACE: Pace = Pace { grace: Duration::from_secs(20), bytes_per_second_min: 1_024 };

/// A body that ends with an error when it comes too slowly.
pub struct Paced<B> {
    body: B,
    pace: Pace,
    received: u64,
    /// When the reader first asked; what the server itself takes before is not the client's fault.
    begun: Option<Instant>,
    cut_off: Pin<Box<Sleep>>,
}

impl<B> Paced<B> {
    pub fn new(body: B, pace: Pace) -> Self {
        Self { body, pace, received: 0, begun: None, cut_off: Box::pin(tokio::time::sleep(pace.grace)) }
    }
}

impl<B> Body for Paced<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        let begun = *this.begun.get_or_insert_with(|| {
            let now = Instant::now();
            this.cut_off.as_mut().reset(now + this.pace.grace);
            now
        });
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                this.received += frame.data_ref().map_or(0, |data| data.len() as u64);
                let earned =
                    Duration::from_micros(this.received.saturating_mul(1_000_000) / this.pace.bytes_per_second_min);
                this.cut_off.as_mut().reset(begun + this.pace.grace + earned);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(other) => Poll::Ready(other.map(|result| result.map_err(Into::into))),
            Poll::Pending => {
                std::task::ready!(this.cut_off.as_mut().poll(context));
                Poll::Ready(Some(Err("the body came too slowly and was cut off".into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    /// A body that says one thing and then nothing more, without ever ending.
    struct Stalled(Option<Bytes>);

    impl Body for Stalled {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            self.0.take().map_or(Poll::Pending, |data| Poll::Ready(Some(Ok(Frame::data(data)))))
        }
    }

    async fn next(body: &mut Paced<Stalled>) -> Option<Result<Frame<Bytes>, BoxError>> {
        std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await
    }

    #[tokio::test]
    async fn a_stalled_body_is_cut_off_and_what_came_earned_it_time() {
        let pace = Pace { grace: Duration::from_millis(20), bytes_per_second_min: 10_000 };
        let mut body = Paced::new(Stalled(Some(Bytes::from_static(&[b'x'; 1_000]))), pace);
        let begun = Instant::now();
        assert!(next(&mut body).await.is_some_and(|frame| frame.is_ok()));
        assert!(next(&mut body).await.is_some_and(|frame| frame.is_err()));
        // 20 ms of grace and 100 ms for the thousand bytes.
        assert!(begun.elapsed() >= Duration::from_millis(120), "{:?}", begun.elapsed());
    }
}

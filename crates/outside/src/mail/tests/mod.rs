//! Messages and their ways, up to a real server on the loop-back address.

mod content;
mod sending;
mod sink;

use uuid::Uuid;

use super::{Message, NewMessage, Sender};

fn from() -> Sender {
    "Tienda Ñandú <caja@tienda.co>".parse().unwrap()
}

fn new_message() -> NewMessage {
    NewMessage {
        id: Uuid::from_u128(7),
        at_us: 1_790_000_000_000_000,
        to: "ana@example.com".parse().unwrap(),
        subject: "Confirma tu dirección".into(),
        text: "Hola.\n.\nEntra en https://tienda.co/c/1".into(),
        html: None,
    }
}

fn message() -> Message {
    Message::new(new_message()).unwrap()
}

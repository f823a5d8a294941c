//! A client of graphql-transport-ws.

use crate::app::TestApp;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// How long a test waits before it fails: far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A WebSocket to the gateway.
pub struct Socket(pub WebSocketStream<TcpStream>);

impl Socket {
    /// Opens one; the status of the refusal otherwise.
    pub async fn open(app: &TestApp, protocol: Option<&str>) -> Result<Socket, u16> {
        Socket::open_as(app, protocol, None).await
    }

    /// The same, with this token in the header of the handshake.
    pub async fn open_as(app: &TestApp, protocol: Option<&str>, token: Option<&str>) -> Result<Socket, u16> {
        let stream = TcpStream::connect(app.address()).await.expect("the gateway listens");
        let mut request = format!("ws://{}/graphql", app.address()).into_client_request().expect("a request");
        if let Some(protocol) = protocol {
            request.headers_mut().insert("sec-websocket-protocol", protocol.parse().expect("a header value"));
        }
        if let Some(token) = token {
            let value = format!("Bearer {token}").parse().expect("a header value");
            request.headers_mut().insert("authorization", value);
        }
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(Socket(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens one and greets with this payload; the gateway must admit it.
    pub async fn greeted(app: &TestApp, payload: Value) -> Socket {
        let mut socket = Socket::open(app, Some("graphql-transport-ws")).await.expect("opened");
        socket.say(json!({"type": "connection_init", "payload": payload})).await;
        assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
        socket
    }

    /// Says a message.
    pub async fn say(&mut self, message: Value) {
        self.say_text(&message.to_string()).await;
    }

    pub async fn say_text(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.expect("sent");
    }

    /// Subscribes, and waits until the gateway has taken note: messages are read in their order.
    pub async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({"type": "subscribe", "id": id, "payload": {"query": query}})).await;
        self.settled().await;
    }

    /// All that was said before is read, and nothing came meanwhile.
    pub async fn settled(&mut self) {
        self.say(json!({"type": "ping"})).await;
        assert_eq!(self.hear().await, json!({"type": "pong"}));
    }

    async fn frame(&mut self) -> Message {
        let frame = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("the gateway says something in time");
        frame.expect("the socket is open").expect("a frame")
    }

    /// The next message.
    pub async fn hear(&mut self) -> Value {
        loop {
            match self.frame().await {
                Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Message::Ping(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The code with which the gateway closes.
    pub async fn closed(&mut self) -> u16 {
        loop {
            match self.frame().await {
                Message::Close(Some(frame)) => return frame.code.into(),
                Message::Ping(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

//! Servers on loopback: well-behaved ones by axum, ill-behaved ones byte by byte.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::convert::Infallible;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Serves `router`; the URL of its root, without a slash at its end.
pub async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let root = root(listener.local_addr().expect("a bound address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    root
}

/// Serves one body at `/data`.
pub async fn serve_body(content_type: &'static str, body: impl Into<Bytes>) -> String {
    let body = body.into();
    let answer = move || async move { ([(CONTENT_TYPE, content_type)], body).into_response() };
    format!("{}/data", serve(Router::new().route("/data", get(answer))).await)
}

/// Answers every connection with these bytes, then closes it.
pub async fn serve_bytes(answer: Vec<u8>) -> String {
    serve_connections(answer, false).await
}

/// Answers every connection with these bytes, then keeps silent and keeps it open.
pub async fn serve_then_silence(answer: Vec<u8>) -> String {
    serve_connections(answer, true).await
}

async fn serve_connections(answer: Vec<u8>, stays: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let root = root(listener.local_addr().expect("a bound address"));
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut asked = vec![0; 4_096];
                let _ = connection.read(&mut asked).await;
                let _ = connection.write_all(&answer).await;
                if stays {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    format!("{root}/data")
}

/// A body that never ends, one piece after the other as fast as they are taken.
pub fn endless(content_type: &'static str, piece: &'static str) -> Response {
    let pieces = futures_util::stream::repeat_with(move || Ok::<_, Infallible>(Bytes::from_static(piece.as_bytes())));
    ([(CONTENT_TYPE, content_type)], Body::from_stream(pieces)).into_response()
}

fn root(address: SocketAddr) -> String {
    format!("http://{address}")
}

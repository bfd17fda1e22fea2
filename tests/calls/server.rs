//! What a call sends, as a server that answers it once has it.

use calls::Client;

use super::one_answer;
pub use super::one_answer::Sent;

/// What one call sends, and what it gives for an answer.
pub fn exchange<T>(status: u16, media_type: &str, answer: &[u8], call: impl FnOnce(&Client) -> T) -> (Sent, T) {
    one_answer::exchange(status, media_type, answer, |base| {
        let client = Client::builder().base_url(base).build().expect("a client");
        call(&client)
    })
}

/// What a call sends whose answer has no body.
pub fn sent<T>(call: impl FnOnce(&Client) -> calls::Result<T>) -> Sent {
    let (sent, result) = exchange(204, "", b"", call);
    result.map(drop).expect("an answer");
    sent
}

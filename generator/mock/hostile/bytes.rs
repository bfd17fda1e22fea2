//! What goes wrong with the bytes of a body.

use hyper::body::Bytes;

use super::super::{fault::Packing, packing, reply::Reply};
use super::scenario::BodyFault;

/// An answer whose body is not what it should be.
pub(super) fn spoil(fault: BodyFault, reply: Reply) -> Reply {
    let body = &reply.body;
    let body = match fault {
        BodyFault::Cut => body.slice(..body.len() * 2 / 3),
        BodyFault::Empty => Bytes::new(),
        BodyFault::Html => return Reply::html(),
        BodyFault::Trailing => [body, b"\nFatal error: out of memory".as_slice()].concat().into(),
        BodyFault::Mark => ["\u{feff}".as_bytes(), body].concat().into(),
        BodyFault::BadUtf8 => {
            let mut bytes = body.to_vec();
            let middle = bytes.len() / 2;
            bytes.splice(middle..middle, [0xff, 0xfe]);
            bytes.into()
        }
        BodyFault::OtherType => {
            let mut reply = reply;
            reply.headers.retain(|(name, _)| name != "content-type");
            return reply.with("content-type", "text/html");
        }
    };
    Reply { body, ..reply }
}

/// An answer that is packed, or says so; `max` is how many bytes a client reads.
pub(super) fn pack(encoding: &str, packing: Packing, reply: Reply, max: u64) -> Reply {
    match encoding {
        "gzip" => packing::pack(reply, packing, max),
        other => reply.with("content-encoding", other),
    }
}

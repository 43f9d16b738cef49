//! Responses: their bodies, and the encoding that the request allows.

use http_body_util::Full;
use hyper::{
    HeaderMap, Response, StatusCode,
    body::Bytes,
    header::{
        ACCEPT_ENCODING, AsHeaderName, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue,
        VARY, X_CONTENT_TYPE_OPTIONS,
    },
};

use crate::scrape::encode::gzip;

/// A response with its whole body.
pub(super) type Reply = Response<Full<Bytes>>;

/// A plain text response.
pub(super) fn plain(status: StatusCode, text: &str) -> Reply {
    let mut reply = new("text/plain; charset=utf-8", format!("{text}\n").into_bytes());
    *reply.status_mut() = status;
    reply
}

/// A response with `body`, compressed if the request allows it.
pub(super) fn content(request: &HeaderMap, kind: &'static str, body: String) -> Reply {
    let compress = accepts_gzip(joined(request, ACCEPT_ENCODING).as_deref());
    let mut reply = if compress {
        let mut reply = new(kind, gzip(body.as_bytes()));
        reply.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        reply
    } else {
        new(kind, body.into_bytes())
    };
    reply.headers_mut().insert(VARY, HeaderValue::from_static("accept, accept-encoding"));
    reply
}

/// Adds a header.
pub(super) fn with(mut reply: Reply, name: HeaderName, value: &'static str) -> Reply {
    reply.headers_mut().insert(name, HeaderValue::from_static(value));
    reply
}

/// The values of a header, which may be on several lines, as one list.
pub(super) fn joined(headers: &HeaderMap, name: impl AsHeaderName) -> Option<String> {
    let values = headers.get_all(name).iter().filter_map(|it| it.to_str().ok());
    let values: Vec<&str> = values.collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn new(kind: &'static str, body: Vec<u8>) -> Reply {
    let reply = with(Response::new(Full::new(body.into())), CONTENT_TYPE, kind);
    with(reply, X_CONTENT_TYPE_OPTIONS, "nosniff")
}

/// Whether `Accept-Encoding` offers gzip: by name, or by `*`, and not with the weight 0.
fn accepts_gzip(offered: Option<&str>) -> bool {
    let mut by_star = false;
    for offer in offered.unwrap_or_default().split(',') {
        let (coding, parameters) = offer.split_once(';').unwrap_or((offer, ""));
        let coding = coding.trim();
        let weight = parameters.split(';').find_map(|it| {
            let (name, value) = it.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse::<f64>())
        });
        // An invalid weight counts as 0: uncompressed text is readable by every client.
        let wanted = weight.is_none_or(|it| it.is_ok_and(|weight| weight > 0.0));
        if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") {
            return wanted;
        }
        by_star |= coding == "*" && wanted;
    }
    by_star
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_only_when_it_is_offered() {
        let offers =
            ["gzip", "deflate, gzip", "GZIP;q=0.5", "x-gzip", "*", "br ; q=1.0, gzip ; q=0.1"];
        for offered in offers {
            assert!(accepts_gzip(Some(offered)), "{offered}");
        }
        let others =
            ["", "identity", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzip;q=0, *", "gzip;q=x"];
        for offered in others {
            assert!(!accepts_gzip(Some(offered)), "{offered}");
        }
        assert!(!accepts_gzip(None));
    }
}

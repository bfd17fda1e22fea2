//! Notion: a cursor in the page, sent in the query of a GET and in the body of a POST.

use notion::Client;

use super::walk::{Walk, walk};

fn client(address: String) -> Client {
    Client::builder().base_url(address).token("recorded").build().expect("every input is given")
}

/// One line a walk.
pub fn walks() -> Vec<Walk> {
    macro_rules! walks {
        ($($recording:literal $at:tt => $list:ident($($argument:expr),*)$(.$set:ident($value:expr))*;)*) => {
            vec![$(walk!($recording, $at, "results", &[], client, |c| c.$list($($argument),*)$(.$set($value))*)),*]
        };
    }
    walks! {
        "notion/paginated-block-children" [0, 1, 2, 3] => block_children("32af3324-ba02-4516-ae88-5728a4d569f4").page_size(1);
        "notion/paginated-database-query" [0] => database_pages("dd428e9dd3fe4171870da7a1902c748b").page_size(1);
        "notion/paginated-databases-list" [0] => databases().page_size(1);
        "notion/paginated-search" [0, 1] => search().page_size(2);
        "notion/paginated-users-list" [0] => users().page_size(1);
    }
}

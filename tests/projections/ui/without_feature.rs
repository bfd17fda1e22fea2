// `plain` is the crate without its feature `project`.
plain::project! {
    struct Contact from people { id }
}

fn main() {}

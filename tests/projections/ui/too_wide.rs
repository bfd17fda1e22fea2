projections::project! {
    struct Contact from people { id: Option<String> }
}

fn main() {}

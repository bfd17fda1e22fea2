projections::project! {
    struct Contact from people { id: i64 }
}

fn main() {}

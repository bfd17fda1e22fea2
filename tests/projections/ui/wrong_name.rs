projections::project! {
    struct Contact from people { id, nmae }
}

fn main() {}

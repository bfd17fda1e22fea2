projections::project! {
    struct Contact from letters { id }
}

fn main() {}

projections::project! {
    struct Contact from people {}
}

fn main() {}

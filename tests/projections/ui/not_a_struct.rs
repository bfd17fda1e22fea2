projections::project! {
    enum Contact from people { id }
}

fn main() {}

projections::project! {
    struct Contact from people { home: Home { zip } }
}

fn main() {}

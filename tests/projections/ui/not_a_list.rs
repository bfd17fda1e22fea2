projections::project! {
    struct Contact from people { home: [Home { city }] }
}

fn main() {}

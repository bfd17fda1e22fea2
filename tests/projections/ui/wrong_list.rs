projections::project! {
    struct Contact from poeple { id }
}

fn main() {}

wide::project! {
    struct Kind from events { kind }
}

fn main() {}

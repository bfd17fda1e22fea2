wide::project! {
    struct Some from measurements { f0 }
}

fn main() {}

//! Types of several kinds, answers that may be empty, and failures.

use calls::models::{Cat, Circle, Pet, Problem, Shape, Square, Vehicle, VehicleCarState, VehicleCarTowed};
use calls::{ErrorKind, Maybe};

use crate::server::{exchange, sent};

const JSON: &str = "application/json";

#[test]
fn a_member_tells_types_apart() {
    let created = |answer: &str| {
        let body = calls::models::NewPet::default();
        exchange(201, JSON, answer.as_bytes(), |client| client.create_pet(&body).blocking()).1.expect("a pet")
    };
    assert_eq!(created(r#"{"kind":"cat","lives":9}"#), Pet::Cat(cat(9)));
    assert!(matches!(created(r#"{"lives":1,"kind":"dog"}"#), Pet::Dog(dog) if dog.lives == Some(1)));
}

fn cat(lives: i64) -> Cat {
    let mut cat = Cat::default();
    "cat".clone_into(&mut cat.kind);
    cat.lives = Some(lives);
    cat
}

#[test]
fn what_fits_decides_and_what_fits_nothing_is_kept() {
    let latest =
        |answer: &str| exchange(200, JSON, answer.as_bytes(), |client| client.latest_shape().blocking()).1.expect("an answer");
    let mut circle = Circle::default();
    circle.radius = 1.5;
    assert_eq!(latest(r#"{"radius":1.5,"colour":"red"}"#), Some(Shape::Circle(circle)));
    for (answer, label) in [
        (r#"{"side":2}"#, Maybe::Absent),
        (r#"{"side":2,"label":null}"#, Maybe::Null),
        (r#"{"side":2,"label":"l"}"#, Maybe::Value("l".to_owned())),
    ] {
        let mut square = Square::default();
        (square.side, square.label) = (2.0, label);
        assert_eq!(latest(answer), Some(Shape::Square(square)), "{answer}");
    }
    let blob = r#"{"points": [1, 2]}"#;
    assert!(matches!(latest(blob), Some(Shape::Other(json)) if json.text() == blob));
    assert_eq!(latest("null"), None);
}

/// Each alternative is all of the schema that it is one of, and what lies in that is one of them again.
#[test]
fn schemas_may_lead_to_themselves() {
    let latest =
        |answer: &str| exchange(200, JSON, answer.as_bytes(), |client| client.operation().blocking()).1.expect("a vehicle");
    let car = r#"{"kind":"car","state":"Self","doors":4,"towed":{"kind":"bike","gears":7,"hitch":"ball","towed":{"kind":"car","doors":2}}}"#;
    let Vehicle::VehicleCar(car) = latest(car) else { panic!("not a car") };
    assert_eq!((car.doors, car.state), (Some(4), Some(VehicleCarState::Self2)));
    let Some(VehicleCarTowed::VehicleCarTowedBike(bike)) = car.towed else { panic!("no bike") };
    assert_eq!((bike.gears, bike.hitch.as_deref()), (Some(7), Some("ball")));
    assert!(matches!(bike.towed, Some(VehicleCarTowed::VehicleCarTowedCar(car)) if car.doors == Some(2)));
    assert!(matches!(latest(r#"{"kind":"bike","gears":3}"#), Vehicle::VehicleBike(bike) if bike.gears == Some(3)));
}

#[test]
fn an_answer_may_be_empty() {
    let (_, answer) = exchange(204, "", b"", |client| client.latest_shape().blocking());
    assert_eq!(answer.expect("no shape"), None);
}

#[test]
fn a_failure_has_a_type() {
    let body = calls::models::NewPet::default();
    let words = "x".repeat(2_000);
    let text = format!(r#"{{"title":"no owner","missing":["owner","{words}"]}}"#);
    let (_, answer) = exchange(404, "application/problem+json", text.as_bytes(), |client| client.create_pet(&body).blocking());
    let error = answer.expect_err("a failure");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(404)));
    let problem: Problem = error.decode_body().expect("a problem");
    assert_eq!(problem.title.as_deref(), Some("no owner"));
    assert_eq!(problem.missing, Some(vec!["owner".to_owned(), words]));
    assert!(error.decode_body::<Vec<i64>>().is_err());
}

#[test]
#[expect(deprecated, reason = "it can still be called")]
fn what_is_advised_against_still_works() {
    let sent = sent(|client| client.forget_shape().blocking());
    assert_eq!(sent.target(), "DELETE /shapes/latest");
}

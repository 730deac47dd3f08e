//! People by what the directory has of them.
//!
//! Deliberately absent: keeping any of it.

use reqwest::Method;
use serde_json::Value;

use super::{
    client::{GraphClient, segment},
    error::GraphError,
    transport::{Body, Expect},
};
use crate::model::Owner;

const FIND: &str = "GET users";

/// Who has something that one person should have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nobody.
    Nobody,
    /// One person.
    One(Owner),
    /// One person, whose account is blocked.
    Blocked,
    /// More than one.
    Several,
}

impl GraphClient {
    /// Get a person by the UPN (Graph "Get user").
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn get_user(&self, upn: &str) -> Result<Owner, GraphError> {
        let answer = self.get("GET users/{}", &format!("/users/{}", segment(upn))).await?;
        Ok(owner(&answer.body))
    }

    /// Who has that value of an attribute (Graph "List users" as an advanced query: the directory's index may be some
    /// minutes late).
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn find_user(&self, attribute: &str, value: &str) -> Result<Found, GraphError> {
        // A quotation mark in a literal is doubled (OData 4.01, ABNF).
        let literal = segment(&value.replace('\'', "''"));
        let filter = format!("{attribute}%20eq%20'{literal}'");
        let select = "id,userPrincipalName,displayName,accountEnabled";
        let target = format!("/users?$filter={filter}&$select={select}&$count=true");
        let answer = self.send(FIND, Method::GET, &target, Body::Nothing, Expect::Eventual).await?;
        let Some(users) = answer.body["value"].as_array() else {
            let (why, request) = ("it has no list".to_owned(), answer.request);
            return Err(GraphError::Unreadable { call: FIND, why, request });
        };
        let more = !answer.body["@odata.nextLink"].is_null();
        Ok(match &users[..] {
            _ if more => Found::Several,
            [] => Found::Nobody,
            [user] if user["accountEnabled"] == true => Found::One(owner(user)),
            [_] => Found::Blocked,
            _ => Found::Several,
        })
    }
}

fn owner(user: &Value) -> Owner {
    let text = |name: &str| user[name].as_str().map(str::to_owned);
    Owner { id: text("id"), upn: text("userPrincipalName"), name: text("displayName") }
}

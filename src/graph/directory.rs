//! People by what the directory has of them.
//!
//! Deliberately absent: keeping any of it.

use reqwest::Method;

use super::{
    client::{GraphClient, segment},
    error::GraphError,
    transport::{Body, Expect},
};
use crate::model::Owner;

impl GraphClient {
    /// The people whose attribute has that value, at most two, without blocked accounts (Graph "List users" as an advanced
    /// query: the directory's index may be some minutes late).
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn find_users(&self, attribute: &str, value: &str) -> Result<Vec<Owner>, GraphError> {
        // A quotation mark in a literal is doubled (OData 4.01, ABNF).
        let literal = segment(&value.replace('\'', "''"));
        let filter = format!("{attribute}%20eq%20'{literal}'");
        let select = "id,userPrincipalName,displayName,accountEnabled";
        let target = format!("/users?$filter={filter}&$select={select}&$count=true&$top=3");
        let answer =
            self.send("GET users", Method::GET, &target, Body::Nothing, Expect::Eventual).await?;
        let users = answer.body["value"].as_array().map(Vec::as_slice).unwrap_or_default();
        let enabled = users.iter().filter(|user| user["accountEnabled"] != false);
        let owner = |user: &serde_json::Value| {
            let text = |name: &str| user[name].as_str().map(str::to_owned);
            Owner { id: text("id"), upn: text("userPrincipalName"), name: text("displayName") }
        };
        Ok(enabled.map(owner).take(2).collect())
    }
}

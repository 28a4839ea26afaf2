//! Clusters by their names, as the Solana command line knows them.

use anyhow::bail;

/// The URL that is meant by a URL or a cluster's name or initial.
///
/// # Errors
/// When it is neither.
pub(super) fn url(url_or_moniker: &str) -> anyhow::Result<String> {
    Ok(match url_or_moniker {
        "m" | "mainnet-beta" => "https://api.mainnet-beta.solana.com",
        "t" | "testnet" => "https://api.testnet.solana.com",
        "d" | "devnet" => "https://api.devnet.solana.com",
        "l" | "localhost" => "http://localhost:8899",
        url if url.starts_with("http://") || url.starts_with("https://") => url,
        other => bail!(
            "the cluster {other:?} is neither a URL nor one of m (mainnet-beta), d (devnet), \
             t (testnet), l (localhost)"
        ),
    }
    .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_initials_are_urls() {
        for moniker in ["d", "devnet", "https://api.devnet.solana.com"] {
            assert_eq!(url(moniker).unwrap(), "https://api.devnet.solana.com");
        }
        assert_eq!(url("l").unwrap(), "http://localhost:8899");
        for wrong in ["", "x", "mainnet", "ftp://example.org", "localhost:8899"] {
            assert!(url(wrong).is_err(), "{wrong}");
        }
    }
}

"""Reports for other programs and for later: JUnit XML, JSON, one-page HTML, SARIF, and GitHub's annotations."""

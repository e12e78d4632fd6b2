// What every Pod of the tests' own node begins with.
module crispmcp.io/tools/pause

go 1.26.0

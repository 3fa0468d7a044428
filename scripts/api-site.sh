#!/bin/sh
# Makes the site of the API from the XML documentation of the libraries, with the docs beside it: scripts/api-site.sh
# It is in artifacts/api/site afterwards; `dotnet docfx serve artifacts/api/site` shows it. The tool is restored from NuGet (.config/dotnet-tools.json).
set -eu
cd "$(dirname "$0")/.."
dotnet tool restore
dotnet build src/Cli -c Release -v quiet -nologo
place=artifacts/api
rm -rf "$place"
mkdir -p "$place/assemblies" "$place/models/nano"
cp src/Cli/bin/Release/net10.0/*.dll src/Cli/bin/Release/net10.0/SemanticSam.*.xml "$place/assemblies/"
cp -r ./*.md LICENSE docs packaging/site/docfx.json packaging/site/toc.yml "$place/"
cp models/nano/README.md "$place/models/nano/"
dotnet docfx metadata "$place/docfx.json" --warningsAsErrors
dotnet docfx build "$place/docfx.json"
cp "$place/site/README.html" "$place/site/index.html"
echo "$place/site/index.html"

@echo off
rem Runs the command-line tool; builds it first where a source is newer. Needs the .NET 10 SDK and nothing else.
setlocal
if not exist "%~dp0src\Cli\bin\Release\net10.0\semsam.dll" echo semsam: building (the first time packages of 3 GB are downloaded, which takes a while) 1>&2
dotnet run --project "%~dp0src\Cli\SemanticSam.Cli.csproj" -c Release -v quiet -- %*

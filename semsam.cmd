@echo off
rem Runs the command-line tool; builds it first where a source is newer. Needs the .NET 10 SDK and nothing else.
setlocal
set "dotnet="
for %%D in (dotnet.exe) do set "dotnet=%%~$PATH:D"
if not defined dotnet echo semsam: the .NET 10 SDK is missing; see https://dotnet.microsoft.com/download 1>&2
if not defined dotnet exit /b 3
if not exist "%~dp0src\Cli\bin\Release\net10.0\semsam.dll" echo semsam: building; the first time packages of 3 GB are downloaded, which takes a while 1>&2
dotnet run --project "%~dp0src\Cli\SemanticSam.Cli.csproj" -c Release -v quiet -- %*
exit /b %errorlevel%

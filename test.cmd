@echo off
rem Builds, then runs the tests; needs the .NET 10 SDK and nothing else. --slow runs the slow ones, too.
rem SEMSAM_FIXTURES=FOLDER takes the golden data from FOLDER. Tests of files that are not there are skipped.
setlocal
rem The tests run elsewhere: a relative folder would not be found there.
if defined SEMSAM_FIXTURES for %%F in ("%SEMSAM_FIXTURES%") do set "SEMSAM_FIXTURES=%%~fF"
cd /d "%~dp0"
rem Threads of libtorch that spin while they wait slow down whatever else runs.
if not defined OMP_WAIT_POLICY set "OMP_WAIT_POLICY=passive"
set "filter=--filter Category!=Slow"
if "%~1"=="--slow" set "filter="
if exist artifacts\test-results rmdir /s /q artifacts\test-results
dotnet test SemanticSam.sln -c Release -m:1 --logger trx --results-directory artifacts\test-results %filter%
set "status=%errorlevel%"
powershell -NoProfile -Command "$c = Get-ChildItem artifacts/test-results -Recurse -Filter *.trx | ForEach-Object { $x = [xml]::new(); $x.Load($_.FullName); $x.TestRun.ResultSummary.Counters }; function n($k) { [int]($c | ForEach-Object { [int]$_.$k } | Measure-Object -Sum).Sum }; $f = n failed; if (%status% -and -not $f) { $f = 1 }; $s = (n total) - (n executed); $line = '{0} passed, {1} failed' -f (n passed), $f; if ($s) { $line += ', {0} skipped' -f $s }; $line"
exit /b %status%

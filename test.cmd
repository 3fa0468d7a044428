@echo off
rem Builds, then runs the tests; needs the .NET SDK and nothing else. Extra arguments go to dotnet test.
rem   test          everything but the slow ones
rem   test --slow   the slow ones too
rem SEMSAM_FIXTURES=FOLDER takes the golden data from FOLDER. Tests of files that are not there are skipped.
setlocal
cd /d "%~dp0"
set filter=--filter "Category!=Slow"
if "%~1"=="--slow" (set filter=& shift)
dotnet test SemanticSam.sln -c Release -m:1 --logger "console;verbosity=normal" %filter% %1 %2 %3 %4 %5 %6 %7 %8 %9
exit /b %errorlevel%

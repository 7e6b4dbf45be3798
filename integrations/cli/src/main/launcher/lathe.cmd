@echo off
rem Runs lathe.jar beside this script with the flags that it wants, on JAVA_HOME or the java of the path: 25 or newer.
rem LATHE_JAVA_OPTS has more flags for Java, such as -Xmx8g.
setlocal
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
set "options=jvm.options"
if "%~1"=="shape" set "options=shaping.options"
if "%~1"=="quantize" set "options=shaping.options"
if "%~1"=="serve" set "options=shaping.options"
"%java%" @"%~dp0%options%" %LATHE_JAVA_OPTS% -jar "%~dp0lathe.jar" %*

; The installer for Windows: for one person, without an administrator. Compiled by
; devtools/windows.py, which gives VERSION, PROGRAM (a folder), TARGET, ICON and KILOBYTES.
;
;   setup.exe /S                   says nothing and asks nothing
;   setup.exe /S /D=C:\folder      installs elsewhere
;   uninstall.exe /S               leaves conversations and models
;   uninstall.exe /S /ALLDATA      removes them, too

!ifdef TARGET64
  Target amd64-unicode
!endif
Unicode true
ManifestDPIAware true
Name "Hanlin"
OutFile "${TARGET}"
InstallDir "$LOCALAPPDATA\Programs\Hanlin"
InstallDirRegKey HKCU "Software\Hanlin" "Folder"
RequestExecutionLevel user
SetCompressor /SOLID lzma
ShowInstDetails nevershow
ShowUninstDetails nevershow
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Hanlin"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Hanlin setup"
VIAddVersionKey "LegalCopyright" "Apache-2.0"

!include "MUI2.nsh"
!include "LogicLib.nsh"
!include "FileFunc.nsh"

!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Hanlin"
!define CLASS_KEY "Software\Classes\Hanlin.gguf"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_FINISHPAGE_RUN "$INSTDIR\hanlin.exe"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
; The first one is spoken where the computer's is not in the list.
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "SimpChinese"

LangString RUNNING ${LANG_ENGLISH} "Hanlin is running. Close it, then choose Retry."
LangString RUNNING ${LANG_SIMPCHINESE} "翰林正在运行。请关闭它，然后点击“重试”。"
LangString FOREIGN ${LANG_ENGLISH} "This folder holds other files. Choose an empty one or a new one."
LangString FOREIGN ${LANG_SIMPCHINESE} "此文件夹里有其他文件。请选择空文件夹或新文件夹。"
LangString DELETE_DATA ${LANG_ENGLISH} "Remove conversations, settings and downloaded models of this account, too?"
LangString DELETE_DATA ${LANG_SIMPCHINESE} "是否同时删除此账户的对话、设置和已下载的模型？"
LangString SHORTCUT ${LANG_ENGLISH} "Hanlin"
LangString SHORTCUT ${LANG_SIMPCHINESE} "翰林"

; A running program's file cannot be opened for writing.
!macro WAIT_UNTIL_CLOSED
  ${Do}
    ClearErrors
    ${IfNot} ${FileExists} "$INSTDIR\hanlin.exe"
      ${ExitDo}
    ${EndIf}
    FileOpen $0 "$INSTDIR\hanlin.exe" a
    ${IfNot} ${Errors}
      FileClose $0
      ${ExitDo}
    ${EndIf}
    ${If} ${Cmd} `MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(RUNNING)" /SD IDCANCEL IDCANCEL`
      SetErrorLevel 3
      Abort
    ${EndIf}
  ${Loop}
!macroend

Section "Hanlin"
  SetShellVarContext current
  ; A folder that is full of something else is none to clear at the next upgrade.
  ${IfNot} ${FileExists} "$INSTDIR\hanlin.exe"
    ${DirState} "$INSTDIR" $0
    ${If} $0 == 1
      MessageBox MB_OK|MB_ICONSTOP "$(FOREIGN)" /SD IDOK
      SetErrorLevel 2
      Abort
    ${EndIf}
  ${EndIf}
  !insertmacro WAIT_UNTIL_CLOSED
  ; What the last version had and this one has not would stay for ever.
  RMDir /r "$INSTDIR\_internal"
  SetOutPath "$INSTDIR"
  File /r "${PROGRAM}/*.*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\$(SHORTCUT).lnk" "$INSTDIR\hanlin.exe"
  WriteRegStr HKCU "Software\Hanlin" "Folder" "$INSTDIR"
  WriteRegStr HKCU "Software\Hanlin" "Shortcut" "$SMPROGRAMS\$(SHORTCUT).lnk"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayName" "Hanlin 翰林"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\hanlin.exe"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "Publisher" "The Hanlin authors"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "EstimatedSize" ${KILOBYTES}
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoRepair" 1
  ; Offered for .gguf files; what opens them now stays what opens them.
  WriteRegStr HKCU "${CLASS_KEY}" "" "GGUF language model"
  WriteRegStr HKCU "${CLASS_KEY}\DefaultIcon" "" "$INSTDIR\hanlin.exe"
  WriteRegStr HKCU "${CLASS_KEY}\shell\open\command" "" '"$INSTDIR\hanlin.exe" "%1"'
  WriteRegStr HKCU "Software\Classes\.gguf\OpenWithProgids" "Hanlin.gguf" ""
SectionEnd

Section "Uninstall"
  SetShellVarContext current
  !insertmacro WAIT_UNTIL_CLOSED
  ReadRegStr $1 HKCU "Software\Hanlin" "Shortcut"
  ${If} $1 != ""
    Delete "$1"
  ${EndIf}
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\hanlin.exe"
  Delete "$INSTDIR\hanlin-child.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey HKCU "${UNINSTALL_KEY}"
  DeleteRegKey HKCU "${CLASS_KEY}"
  DeleteRegValue HKCU "Software\Classes\.gguf\OpenWithProgids" "Hanlin.gguf"
  DeleteRegKey HKCU "Software\Hanlin"
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/ALLDATA" $1
  ${If} ${Errors}
    ${If} ${Cmd} `MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "$(DELETE_DATA)" /SD IDNO IDNO`
      Goto done
    ${EndIf}
  ${EndIf}
  ; Where platformdirs puts them (hanlin.kernel.paths).
  RMDir /r "$LOCALAPPDATA\hanlin"
  done:
SectionEnd

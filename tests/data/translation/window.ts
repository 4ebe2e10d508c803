<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>W</name>
    <message>
        <location filename="w.cpp" line="3"/>
        <source>The cat is under the chair.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <location filename="w.cpp" line="3"/>
        <source>&amp;Open the door…</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <location filename="w.cpp" line="3"/>
        <source>%n dog(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <location filename="w.cpp" line="3"/>
        <source>Thank you for your help.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>

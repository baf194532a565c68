"""XMP sidecars in the forms that common programs write, with properties that Safelight does not know."""

from __future__ import annotations

_RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'

DIGIKAM = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF {_RDF}>
  <rdf:Description rdf:about=""
    xmlns:digiKam="http://www.digikam.org/ns/1.0/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
    xmlns:MicrosoftPhoto="http://ns.microsoft.com/photo/1.0/"
    xmlns:exif="http://ns.adobe.com/exif/1.0/"
    xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
    xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"
    digiKam:ColorLabel="4"
    digiKam:PickLabel="3"
    xmp:Rating="4"
    xmp:CreatorTool="digiKam-8.1.0"
    MicrosoftPhoto:Rating="75"
    exif:DateTimeOriginal="2019-05-12T10:15:00.25+02:00"
    exif:GPSLatitude="48,51.5N"
    exif:GPSLongitude="2,17.67E">
   <digiKam:TagsList>
    <rdf:Seq>
     <rdf:li>Places/France/Paris</rdf:li>
     <rdf:li>People/Anna</rdf:li>
     <rdf:li>holiday</rdf:li>
    </rdf:Seq>
   </digiKam:TagsList>
   <digiKam:CaptionsAuthorNames>
    <rdf:Alt><rdf:li xml:lang="x-default">Anna</rdf:li></rdf:Alt>
   </digiKam:CaptionsAuthorNames>
   <dc:subject>
    <rdf:Bag>
     <rdf:li>Paris</rdf:li>
     <rdf:li>Anna</rdf:li>
     <rdf:li>holiday</rdf:li>
    </rdf:Bag>
   </dc:subject>
   <lr:hierarchicalSubject>
    <rdf:Bag>
     <rdf:li>Places|France|Paris</rdf:li>
     <rdf:li>People|Anna</rdf:li>
     <rdf:li>holiday</rdf:li>
    </rdf:Bag>
   </lr:hierarchicalSubject>
   <dc:title>
    <rdf:Alt><rdf:li xml:lang="x-default">Spring in Paris</rdf:li></rdf:Alt>
   </dc:title>
   <dc:description>
    <rdf:Alt>
     <rdf:li xml:lang="de-DE">Am Eiffelturm</rdf:li>
     <rdf:li xml:lang="x-default">At the Eiffel Tower</rdf:li>
    </rdf:Alt>
   </dc:description>
   <mwg-rs:Regions rdf:parseType="Resource">
    <mwg-rs:RegionList>
     <rdf:Bag>
      <rdf:li>
       <rdf:Description mwg-rs:Name="Anna" mwg-rs:Type="Face">
        <mwg-rs:Area stArea:x="0.5" stArea:y="0.25" stArea:w="0.2" stArea:h="0.1" stArea:unit="normalized"/>
       </rdf:Description>
      </rdf:li>
     </rdf:Bag>
    </mwg-rs:RegionList>
   </mwg-rs:Regions>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""

DARKTABLE = f"""<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF {_RDF}>
  <rdf:Description rdf:about=""
    xmlns:exif="http://ns.adobe.com/exif/1.0/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
    xmlns:darktable="http://darktable.sf.net/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
   exif:DateTimeOriginal="2021:07:01 08:09:10.500"
   xmp:Rating="-1"
   xmpMM:DerivedFrom="IMG_0001.CR2"
   darktable:import_timestamp="63765000000000000"
   darktable:xmp_version="5"
   darktable:raw_params="0"
   darktable:auto_presets_applied="1"
   darktable:history_end="2">
   <dc:subject>
    <rdf:Seq><rdf:li>birds</rdf:li><rdf:li>heron</rdf:li></rdf:Seq>
   </dc:subject>
   <lr:hierarchicalSubject>
    <rdf:Seq><rdf:li>birds|heron</rdf:li></rdf:Seq>
   </lr:hierarchicalSubject>
   <darktable:colorlabels>
    <rdf:Seq><rdf:li>0</rdf:li></rdf:Seq>
   </darktable:colorlabels>
   <darktable:history>
    <rdf:Seq>
     <rdf:li darktable:num="0" darktable:operation="rawprepare" darktable:enabled="1"
      darktable:params="000000000000" darktable:multi_name=""/>
     <rdf:li darktable:num="1" darktable:operation="exposure" darktable:enabled="1"
      darktable:params="00000000ae47" darktable:multi_name="a &amp; b"/>
    </rdf:Seq>
   </darktable:history>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""

LIGHTROOM = f"""<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0-c000 1.000000">
 <rdf:RDF {_RDF}>
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
    xmlns:exif="http://ns.adobe.com/exif/1.0/"
    xmlns:exifEX="http://cipa.jp/exif/1.0/"
    xmlns:aux="http://ns.adobe.com/exif/1.0/aux/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
   xmp:Rating="3"
   xmp:Label="Green"
   xmp:ModifyDate="2022-03-04T05:06:07+01:00"
   tiff:Make="Canon"
   tiff:Model="Canon EOS R5"
   exif:ExposureTime="1/250"
   exif:FNumber="28/10"
   exif:FocalLength="50/1"
   aux:Lens="RF50mm F1.8 STM"
   photoshop:DateCreated="2022-03-04T05:06:07.89"
   photoshop:SidecarForExtension="CR3"
   crs:Version="14.2"
   crs:Exposure2012="+0.50"
   crs:HasSettings="True">
   <exif:ISOSpeedRatings><rdf:Seq><rdf:li>800</rdf:li></rdf:Seq></exif:ISOSpeedRatings>
   <dc:subject><rdf:Bag><rdf:li>Wedding</rdf:li><rdf:li>Bride</rdf:li></rdf:Bag></dc:subject>
   <lr:hierarchicalSubject>
    <rdf:Bag><rdf:li>Events|Wedding</rdf:li><rdf:li>Bride</rdf:li></rdf:Bag>
   </lr:hierarchicalSubject>
   <dc:creator><rdf:Seq><rdf:li>Ann Example</rdf:li></rdf:Seq></dc:creator>
   <dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© 2022 Ann Example</rdf:li></rdf:Alt></dc:rights>
   <crs:ToneCurvePV2012>
    <rdf:Seq><rdf:li>0, 0</rdf:li><rdf:li>255, 255</rdf:li></rdf:Seq>
   </crs:ToneCurvePV2012>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""

APPLE = f"""<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 6.0.0">
   <rdf:RDF {_RDF}>
      <rdf:Description rdf:about=""
            xmlns:dc="http://purl.org/dc/elements/1.1/"
            xmlns:exif="http://ns.adobe.com/exif/1.0/"
            xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/">
         <dc:subject>
            <rdf:Seq>
               <rdf:li>Beach</rdf:li>
               <rdf:li>Family</rdf:li>
            </rdf:Seq>
         </dc:subject>
         <dc:title>
            <rdf:Alt>
               <rdf:li xml:lang="x-default">By the sea</rdf:li>
            </rdf:Alt>
         </dc:title>
         <photoshop:DateCreated>2020-08-09T10:11:12+02:00</photoshop:DateCreated>
         <exif:GPSLongitude>151.2093</exif:GPSLongitude>
         <exif:GPSLatitude>-33.8688</exif:GPSLatitude>
      </rdf:Description>
   </rdf:RDF>
</x:xmpmeta>
"""

OWN_TAGS_OF_DARKTABLE = f"""<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF {_RDF}>
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/">
   <dc:subject>
    <rdf:Bag>
     <rdf:li>birds</rdf:li>
     <rdf:li>changed</rdf:li>
     <rdf:li>darktable</rdf:li>
     <rdf:li>format</rdf:li>
     <rdf:li>heron</rdf:li>
     <rdf:li>nef</rdf:li>
    </rdf:Bag>
   </dc:subject>
   <lr:hierarchicalSubject>
    <rdf:Bag>
     <rdf:li>birds|heron</rdf:li>
     <rdf:li>darktable|changed</rdf:li>
     <rdf:li>darktable|format|nef</rdf:li>
    </rdf:Bag>
   </lr:hierarchicalSubject>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""
"""darktable tags pictures with their format and with what it did to them."""

PEOPLE = f"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF {_RDF}>
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmlns:MP="http://ns.microsoft.com/photo/1.2/"
    xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#"
    xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#"
    xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
    xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#">
   <dc:subject><rdf:Bag><rdf:li>Ada Lovelace</rdf:li><rdf:li>beach</rdf:li></rdf:Bag></dc:subject>
   <mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag>
    <rdf:li><rdf:Description mwg-rs:Name="Ada Lovelace" mwg-rs:Type="Face">
     <mwg-rs:Area stArea:x="0.5" stArea:y="0.25" stArea:w="0.2" stArea:h="0.1" stArea:unit="normalized"/>
    </rdf:Description></rdf:li>
    <rdf:li><rdf:Description mwg-rs:Name="Rex" mwg-rs:Type="Pet">
     <mwg-rs:Area stArea:x="0.7" stArea:y="0.7" stArea:w="0.2" stArea:h="0.1" stArea:unit="normalized"/>
    </rdf:Description></rdf:li>
   </rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>
   <MP:RegionInfo rdf:parseType="Resource"><MPRI:Regions><rdf:Bag>
    <rdf:li MPReg:PersonDisplayName="ada lovelace" MPReg:Rectangle="0.4, 0.2, 0.2, 0.1"/>
    <rdf:li rdf:parseType="Resource">
     <MPReg:PersonDisplayName>Bob</MPReg:PersonDisplayName>
     <MPReg:Rectangle>0.1, 0.2, 0.15, 0.2</MPReg:Rectangle>
    </rdf:li>
    <rdf:li MPReg:Rectangle="0.6, 0.2, 0.2, 0.1"/>
   </rdf:Bag></MPRI:Regions></MP:RegionInfo>
   <Iptc4xmpExt:PersonInImage><rdf:Bag><rdf:li>Bob</rdf:li><rdf:li>C/D | E</rdf:li></rdf:Bag>
   </Iptc4xmpExt:PersonInImage>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""
"""People as Lightroom, digiKam and Windows name them. Only the first has a keyword."""

GOOGLE = f"""<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 5.1.0-jc003">
  <rdf:RDF {_RDF}>
    <rdf:Description rdf:about=""
        xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"
        xmlns:Container="http://ns.google.com/photos/1.0/container/"
        xmlns:Item="http://ns.google.com/photos/1.0/container/item/"
        xmlns:xmp="http://ns.adobe.com/xap/1.0/"
      GCamera:MotionPhoto="1"
      GCamera:MotionPhotoVersion="1"
      GCamera:MotionPhotoPresentationTimestampUs="968644"
      xmp:CreateDate="2023-01-02T03:04:05.678-05:00">
      <Container:Directory>
        <rdf:Seq>
          <rdf:li rdf:parseType="Resource">
            <Container:Item Item:Mime="image/jpeg" Item:Semantic="Primary" Item:Length="0"/>
          </rdf:li>
          <rdf:li rdf:parseType="Resource">
            <Container:Item Item:Mime="video/mp4" Item:Semantic="MotionPhoto" Item:Length="1234"/>
          </rdf:li>
        </rdf:Seq>
      </Container:Directory>
    </rdf:Description>
  </rdf:RDF>
</x:xmpmeta>
"""

SAMPLES = {
    "digikam": DIGIKAM,
    "darktable": DARKTABLE,
    "lightroom": LIGHTROOM,
    "apple": APPLE,
    "google": GOOGLE,
}

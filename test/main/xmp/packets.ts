/** XMP as programs and people write it: every form that RDF allows for the same thing. */
const rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"';
const dc = 'xmlns:dc="http://purl.org/dc/elements/1.1/"';
const xmp = 'xmlns:xmp="http://ns.adobe.com/xap/1.0/"';

const meta = (inner: string) => `<x:xmpmeta xmlns:x="adobe:ns:meta/">\n${inner}\n</x:xmpmeta>\n`;
const packet = (inner: string) => meta(` <rdf:RDF ${rdf}>\n${inner}\n </rdf:RDF>`);
const subject = (list: string) =>
  packet(
    `  <rdf:Description rdf:about="" ${dc}>\n   <dc:subject>\n    ${list}\n   </dc:subject>\n  </rdf:Description>`,
  );

const bag =
  '<rdf:Bag>\n     <rdf:li>harbour</rdf:li>\n     <rdf:li>Italy &amp; more</rdf:li>\n    </rdf:Bag>';

export const packets: Record<string, string> = {
  'attributes alone': packet(`  <rdf:Description rdf:about="" ${xmp} xmp:Rating="3" xmp:Label="Blue"/>`),
  'an empty rdf:RDF': meta(` <rdf:RDF ${rdf}></rdf:RDF>`),
  'a self-closing rdf:RDF': meta(` <rdf:RDF ${rdf} />`),
  'a bag': subject(bag),
  'a sequence': subject(bag.replaceAll('Bag', 'Seq')),
  alternatives: subject(bag.replaceAll('Bag', 'Alt').replaceAll('<rdf:li>', '<rdf:li xml:lang="x-default">')),
  'a bag on one line': subject('<rdf:Bag><rdf:li>harbour</rdf:li></rdf:Bag>'),
  'an empty bag': subject('<rdf:Bag></rdf:Bag>'),
  'an empty bag with a comment': subject('<rdf:Bag> <!-- none yet --> </rdf:Bag>'),
  'a self-closing bag': subject('<rdf:Bag />'),
  'a self-closing subject': packet(
    `  <rdf:Description rdf:about="" ${dc}>\n   <dc:subject/>\n  </rdf:Description>`,
  ),
  'other prefixes': `<?xml version='1.0'?><x:xmpmeta xmlns:x='adobe:ns:meta/'><r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><r:Description r:about='uuid:1 &quot;2&quot;' xmlns:t='http://purl.org/dc/elements/1.1/' xmlns:dc='urn:else'><t:subject><r:Bag><r:li>harbour</r:li></r:Bag></t:subject><dc:subject>not ours</dc:subject></r:Description></r:RDF></x:xmpmeta>`,
  'another prefix of the envelope': `<m:xmpmeta xmlns:m='adobe:ns:meta/'><r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><r:Description r:about='uuid:1 &quot;2&quot;' xmlns:t='http://purl.org/dc/elements/1.1/' xmlns:dc='urn:else'><t:subject><r:Bag><r:li>harbour</r:li></r:Bag></t:subject><dc:subject>not ours</dc:subject></r:Description></r:RDF></m:xmpmeta>`,
  'no prefix for RDF': `<RDF xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><Description xmlns:d="http://purl.org/dc/elements/1.1/"><d:subject><Bag><li>harbour</li></Bag></d:subject></Description></RDF>`,
  'several descriptions': packet(
    `  <rdf:Description rdf:about="" ${xmp} xmp:Rating="0"/>\n  <rdf:Description rdf:about="" ${dc}>\n   <dc:subject>${bag}</dc:subject>\n  </rdf:Description>\n  <rdf:Description rdf:about="" xmlns:darktable="http://darktable.sf.net/" darktable:history_end="3"><darktable:history><rdf:Seq/></darktable:history></rdf:Description>`,
  ),
  'entities, CDATA and comments': `<?xml version='1.0'?>\n<!-- > < -->\n${subject('<!-- <rdf:li>no</rdf:li> --><rdf:Bag><rdf:li>a&#x3C;b</rdf:li><rdf:li><![CDATA[x & <y>]]></rdf:li><!-- last --></rdf:Bag>')}`,
  'an end that is none': subject(
    '<rdf:Bag><rdf:li><![CDATA[</rdf:Bag>]]></rdf:li><!-- </dc:subject> --></rdf:Bag>',
  ),
  'a qualified keyword': subject(
    '<rdf:Bag><rdf:li rdf:parseType="Resource"><rdf:value>harbour</rdf:value><rdf:type rdf:resource="urn:x"/></rdf:li></rdf:Bag>',
  ),
  'an xpacket with padding': `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n${subject(bag)}${`${' '.repeat(100)}\n`.repeat(20)}<?xpacket end="w"?>`,
  'characters beyond the first plane': subject('<rdf:Bag><rdf:li>🚤 船</rdf:li></rdf:Bag>'),
  'attributes with a > in them': packet(
    `  <rdf:Description rdf:about="" xmlns:l="urn:l" l:note="a > b /> c" ${dc}><dc:subject><rdf:Bag><rdf:li>x</rdf:li></rdf:Bag></dc:subject></rdf:Description>`,
  ),
};
